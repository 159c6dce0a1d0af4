/**
 * What people call the standard objects, with commas between: at the head of a column ("Deal - Value"), and in the names of files.
 * Objects that are not here are known by their labels.
 */
export const OBJECT_WORDS: Readonly<Record<string, string>> = {
  Account:
    'account, accounts, company, companies, customer, customers, cust, organization, organisation, organizations, organisations, client, acct, business, Firma, Firmen, Kunde, Kunden, Unternehmen, Debitoren, compte, comptes, clients, société, sociétés, entreprise, cuenta, cuentas, cliente, clientes, empresa, empresas, conta, contas, clienti, azienda, aziende, klant, klanten, relaties, organisaties, bedrijven, 取引先, 顧客, 客户',
  Contact:
    'contact, contacts, person, persons, people, employee, subscriber, member, Kontakt, Kontakte, Ansprechpartner, Person, personne, personnes, annuaire, contacto, contactos, contato, contatos, contatto, contatti, referente, referenti, contactpersoon, contactpersonen, contacten, 連絡先, 取引先責任者, 联系人, 通讯录, directory, address book',
  Lead: 'lead, leads, prospect, prospects, attendee, attendees, registrants, registrant, invitees, Interessent, Interessenten, Messekontakte, piste, pistes, salon, candidato, candidatos, prospecto, feria, fiera, expo, リード, 名刺, 线索, badge, responses, connections, survey, participants, 参加者, Teilnehmer, asistentes, participantes, partecipanti, deelnemers, 参会',
  Opportunity:
    'opportunity, opportunities, opp, opps, deal, deals, pipeline, Verkaufschance, Verkaufschancen, opportunité, opportunités, affaire, affaires, transactions, oportunidad, oportunidades, negocio, negocios, oportunidade, negócios, opportunità, trattative, verkoopkans, verkoopkansen, 商談, 案件, 商机, 销售机会, forecast',
  Case: 'case, cases, ticket, tickets, incident, incidents, issue, issues, requester, Vorgang, Reklamation, Reklamationen, requête, requêtes, caso, casos, chamados, ケース, 工单, conversations',
  Product2:
    'product, products, item, items, catalog, catalogue, variant, Artikel, Produkt, Produkte, Artikelstamm, produit, produits, article, articles, producto, productos, artículo, artículos, produto, produtos, prodotto, prodotti, articoli, artikelen, 商品, 製品, 产品, 物料, material',
  Campaign:
    'campaign, campaigns, Kampagne, Kampagnen, campagne, campagnes, campaña, campañas, campanha, campagna, キャンペーン, 活动',
  CampaignMember: 'campaign member, campaign members, member, members',
  Asset: 'asset, assets, installed base, Anlage, Anlagen, actif, actifs, activo, activos, ativos, 资产',
  Contract:
    'contract, contracts, Vertrag, Verträge, contrat, contrats, contrato, contratos, contratto, contratti, 契約, 合同',
  Task: 'task, tasks, activity, activities, to do, todo, Aufgabe, Aufgaben, tâche, tâches, tarea, tareas, tarefas, attività, taken, 任务',
  Event: 'event, calendar, appointments, Kalender, Termine, événements, eventos, 行事予定',
  OpportunityLineItem: 'opportunity product, opportunity products, line item, line items, Opportunity-Produkte',
  PricebookEntry: 'price book entry, price book entries, price list, Preisliste, pricebook',
  Pricebook2: 'price book, price books, Preisbuch, Preisbücher',
};

/** Other objects whose words may stand before a column of this one: a lead is a person and a company at once. */
export const ALSO_CALLED: Readonly<Record<string, readonly string[]>> = {
  Lead: ['Account', 'Contact'],
  Case: ['Contact', 'Account'],
  CampaignMember: ['Campaign'],
  OpportunityLineItem: ['Product2'],
  PricebookEntry: ['Product2'],
};
