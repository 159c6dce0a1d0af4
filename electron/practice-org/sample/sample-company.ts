import words from './words.json' with { type: 'json' };
import { pickWith, seededRandom } from './random.ts';

/** City, state, postal code, country, dialling prefix. */
export type City = readonly [string, string, string, string, string];

export interface SampleCompany {
  readonly number: number;
  readonly erpId: string;
  readonly name: string;
  readonly domain: string;
  readonly city: City;
  readonly street: string;
}

/** Company `n` of the sample world; the files in `examples/` are about the same companies. */
export function sampleCompany(n: number): SampleCompany {
  const random = seededRandom(n * 7919 + 17);
  const pick = pickWith(random);
  const stem = pick(words.companyStems);
  const trade = pick(words.trades);
  const name = `${stem} ${trade} ${pick(words.legalForms)}`;
  return {
    number: n,
    erpId: `ERP-${String(100000 + n)}`,
    name,
    domain: `${stem}-${trade}-${n}.example`.toLowerCase().replaceAll(' ', '-'),
    city: pick(words.cities) as unknown as City,
    street: `${1 + Math.floor(random() * 240)} ${pick(words.streets)}`,
  };
}

export function isoDay(random: () => number, from: number, years: number): string {
  return new Date(Date.UTC(from, 0, 1) + Math.floor(random() * years * 365) * 86_400_000).toISOString().slice(0, 10);
}

export function phoneOf(random: () => number, company: SampleCompany): string {
  return `${company.city[4]} ${100 + Math.floor(random() * 899)} ${1000 + Math.floor(random() * 8999)}`;
}

/** The account of company `n`, by API name. */
export function sampleAccount(n: number): Record<string, string | number | boolean | null> {
  const company = sampleCompany(n);
  const random = seededRandom(n * 104_729 + 5);
  const pick = pickWith(random);
  const [city, state, postal, country] = company.city;
  return {
    Name: company.name,
    ERP_Id__c: company.erpId,
    AccountNumber: `AC${String(n).padStart(6, '0')}`,
    Type: pick(words.accountTypes),
    BillingStreet: company.street,
    BillingCity: city,
    BillingState: state,
    BillingPostalCode: postal,
    BillingCountry: country,
    Phone: phoneOf(random, company),
    Website: `https://www.${company.domain}`,
    Industry: pick(words.industries),
    AnnualRevenue: Math.round(random() * 5000) * 10_000,
    NumberOfEmployees: 5 + Math.floor(random() * 9000),
    Rating: pick(['Hot', 'Warm', 'Cold', null]),
    Ownership: pick(['Public', 'Private', null]),
    Customer_Since__c: isoDay(random, 2008, 17),
    Active__c: random() < 0.8,
    Credit_Limit__c: Math.round(random() * 500) * 500,
    Discount__c: Math.round(random() * 30),
    SLA__c: pick(['Gold', 'Silver', 'Bronze', null]),
    Billing_Email__c: `billing@${company.domain}`,
    Interests__c: pick(['Cloud;Security', 'Hardware', 'Analytics;Training', 'Services', null]),
    Last_Review__c: `${isoDay(random, 2025, 1)}T09:30:00.000Z`,
  };
}
