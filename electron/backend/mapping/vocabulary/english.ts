import type { Phrases } from './concepts.ts';

/** From what HubSpot, Dynamics 365, Zoho, Shopify, Mailchimp, Outlook, Google Contacts, NetSuite, Sage, SAP and others write over their columns. */
export const ENGLISH: Phrases = {
  firstName: 'first name, given name, forename, fname, first, given, christian name, first nm, f name, name first',
  lastName: 'last name, surname, family name, lname, last, family, last nm, l name, name last, name',
  salutation: 'salutation, name prefix, honorific, courtesy title, prefix, title, mr/ms',
  jobTitle:
    'job title, title, position, role, designation, organization title, organization 1 title, current position, job ttl, job position, occupation, function',
  department: 'department, dept, division, organization department, organization 1 department, business unit',
  birthdate: 'birthdate, birth date, birthday, date of birth, dob',
  assistantName: 'assistant, assistant name, assistants name',
  assistantPhone: 'assistant phone, assistants phone',
  company:
    'company, company name, organization, organisation, organization name, organisation name, business name, business, employer, account name, company / account, co name, firm, firm name, customer, customer name, cust name, cust nm, custname, client, client name, legal name, account, acct name, alpha name, name1, name 1, trading name, display name, registered name',
  recordName: 'name',
  recordTitle: 'title, name',
  dealName: 'deal name, deal, deal title, opportunity, opportunity name, opp name, opp, topic',
  productName: 'product name, item name, product, item, product title, item description, maktx, material description',
  campaignName: 'campaign, campaign name',
  personName: 'requester, customer name, full name, caller, requester name, reporter name',
  email:
    'email, emails, e-mail, mail, email address, e-mail address, email addr, primary email, email 1, e-mail 1 value, email 1 value, email id, emailaddress1, business email, work email, customer email, requester email, contact email, electronic mail',
  phone:
    'phone, telephone, tel, phone number, telephone number, ph, ph no, phone no, phone 1, phone 1 value, main phone, tel no, business phone, work phone, office phone, direct phone, direct phone number, desk phone, work, work direct phone, telephone 1, telf1, primary phone, company phone, contact number, contact phone, switchboard, landline',
  mobile:
    'mobile, mobile phone, cell, cell phone, cellphone, cellular, mob, mobile number, mobile no, mobile phone number, cell number, mob no',
  homePhone: 'home phone, home, phone home, home telephone, home tel',
  otherPhone: 'other phone, alternate phone, phone other',
  fax: 'fax, fax number, fax no, facsimile, fax phone, telfx, business fax, telefax',
  website:
    'website, web, url, homepage, home page, web site, web address, website url, site url, company website, company url, www, webpage, web page, company domain name, domain, website 1 value',
  productUrl: 'product url, display url, product link',
  street:
    'street, address, street address, address 1, address line 1, addr, addr 1, address line, street 1, street address 1, street line 1, line 1, line1, stras, mailing address',
  city: 'city, town, cty, city name, city nm, suburb, ort01, city/town, locality, town/city, post town',
  state:
    'state, province, region, state/province, state/region, st, county, province/state, state code, st cd, province code, regio, prov, state or province',
  postalCode:
    'zip, zip code, postcode, post code, postal code, zip/postal code, zipcode, zip cd, postal/zip code, pstlz, zip/postcode',
  country:
    'country, country/region, ctry, cntry, country name, country code, nation, land1, country/territory, country/region code',
  latitude: 'latitude, lat, geo lat',
  longitude: 'longitude, lng, long, geo lng',
  employees:
    'employees, number of employees, no. of employees, # employees, headcount, staff, employee count, company size, emp cnt, num employees, company headcount, # of employees, # of emp, company employees, total employees, staff count, no of emp, employees total',
  annualRevenue:
    'annual revenue, revenue, turnover, annual sales, yearly revenue, company revenue, rev, sales usd, company annual revenue',
  industry: 'industry, sector, industry name, vertical, industry sector, line of business',
  accountNumber:
    'account number, account no, acct no, acct number, customer number, customer no, cust no, custno, customer id, customer code, client number, client code, account reference, account ref, account code, kunnr, debtor number, customer account, acct #',
  tickerSymbol: 'ticker, ticker symbol, stock symbol, stock ticker',
  sic: 'sic, sic code, us 8 digit sic code',
  duns: 'duns, duns number, d-u-n-s number',
  ownership: 'ownership, ownership type',
  rating: 'rating, temperature',
  creditLimit: 'credit limit, cr lim, credit lim, credit line',
  discount: 'discount, discount %, disc, discount rate, disc %',
  customerSince: 'customer since, client since',
  erpId: 'erp id, erp number, erp no, erp key, erp code, sap id, sap number, sap customer number',
  externalKey: 'external id, external key, ext id, external reference, external ref',
  trackingCode:
    'tracking code, tracking number, tracking no, tracking id, awb, waybill, waybill number, consignment number, consignment no, shipment number, shipment no',
  carrier: 'carrier, mode, transport mode, mode of transport, carrier mode',
  serviceLevel: 'service, service level, service type',
  pieces: 'pieces, pcs, no. of pieces, number of pieces, packages, piece count, colli',
  weight: 'weight, gross weight, weight kg, gross weight kg, total weight',
  declaredValue: 'declared value, goods value, customs value',
  dangerousGoods: 'dangerous goods, hazardous, hazmat, hazardous goods',
  departs: 'departs, etd, departure, departure date, departure time',
  arrivesOn: 'arrives on, eta, arrival date, delivery date, expected arrival',
  arrived: 'arrived, arrival, ata, arrival time',
  left: 'left, departure, atd, departed, departure time',
  cutoff: 'cutoff, cut off, cutoff time',
  notes: 'notes, note, comment, comments, remarks, remark, memo, background, details, message, additional info',
  description: 'description, desc, deal description, long description, about',
  source: 'lead source, source, original source, acquisition source',
  status: 'status, state, status label',
  stage: 'stage, deal stage, sales stage, opportunity stage, opp stage, pipeline stage, stage name, lead stage',
  amount:
    'amount, value, deal value, deal amount, opportunity amount, opp value, est. revenue, estimated revenue, forecast amount, deal size',
  closeDate:
    'close date, closing date, expected close date, est. close date, est. close, close, expected close, estimated close date, deal close date, projected close date, expected closing date',
  probability:
    'probability, win probability, deal probability, close probability, prob, prob %, probability %, likelihood, confidence',
  nextStep: 'next step, next steps, next action',
  forecastCategory: 'forecast category, forecast',
  type: 'type, category type, cust type, customer type, account type, company type, ticket type, issue type, case type',
  dealType: 'deal type, opportunity type',
  subject:
    'subject, summary, ticket name, ticket subject, short description, topic, ticket title, issue summary, task name, activity subject',
  priority: 'priority, urgency, ticket priority',
  origin: 'origin, channel, case origin, via, ticket source, source',
  reason: 'reason, case reason, root cause',
  ticketKey: 'ticket key, issue key, ticket id, ticket number, ticket no, case key',
  escalated: 'escalated, is escalated',
  productCode:
    'product code, item code, item number, item no, part number, part no, article number, material number, matnr, prod code, material, product number, item #',
  sku: 'sku, variant sku, product sku, stock keeping unit, stockkeepingunit, item sku',
  productFamily:
    'product family, family, item group, product group, product category, category, product line, item category, product type',
  unitOfMeasure:
    'unit of measure, uom, quantity unit of measure, base unit of measure, unit, units, meins, base uom, sales unit',
  active: 'active, is active, enabled, published',
  quantity: 'quantity, qty',
  unitPrice: 'unit price, sales price, list price, price per unit, price',
  price: 'price, purchase price, sales price',
  serialNumber: 'serial number, serial no, serial, s/n, serial #',
  installDate: 'install date, installation date, installed on, date installed, in service date',
  purchaseDate: 'purchase date, purchased on, date purchased, bought on, purchased',
  usageEndDate: 'usage end date, warranty end, warranty end date, warranty expires',
  startDate: 'start date, start, begin date, starts, from date, contract start, contract start date, effective date',
  endDate: 'end date, end, finish date, ends, to date',
  contractTerm: 'contract term, term, term months, duration months, contract term months, contract length',
  specialTerms: 'special terms, special conditions',
  budgetedCost: 'budgeted cost, budget, planned cost',
  actualCost: 'actual cost, actual spend',
  dueDate: 'due date, due, due on, deadline, date',
  allDay: 'all day event, all day, all-day',
  location: 'location, place, venue, where',
  isPrivate: 'private, is private',
  reminder: 'reminder set, reminder on/off, reminder',
  optOut: 'email opt out, unsubscribed, opted out of email, opt out, do not email',
  recordId: 'id, record id, salesforce id, sfdc id, sf id, sfid, 18 digit id',
  accountId: 'account id, account, acct id, parent account, company id, customer, customer id, related account',
  contactId: 'contact id, contact',
  leadId: 'lead id, lead',
  opportunityId: 'opportunity id, opp id, opportunity, deal id',
  productId: 'product id, product',
  priceBookId: 'price book id, pricebook id, price book',
  priceBookEntryId: 'price book entry id, price book entry, pricebookentry id',
  nameId: 'name id, who id, person id',
};
