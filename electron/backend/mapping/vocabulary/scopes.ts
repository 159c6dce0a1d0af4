import type { Scope } from './concepts.ts';

/** Words before or after an address part, a phone or an e-mail that say which one it is, with commas between. */
export const SCOPE_PHRASES: readonly (readonly [Scope, string])[] = [
  [
    'billing',
    'billing, billing address, bill to, bill, invoice, invoice address, Rechnungsanschrift, Rechnungsadresse, Rechnung, Rechnungs, de facturation, adresse de facturation, facturation, de facturación, facturación, de cobrança, cobrança, di fatturazione, indirizzo di fatturazione, fatturazione, factuuradres, factuur, 請求先, 开单, 账单',
  ],
  [
    'shipping',
    'shipping, shipping address, ship to, ship, delivery, delivery address, Lieferanschrift, Lieferadresse, Liefer, Lieferung, de livraison, livraison, d’expédition, expédition, de envío, envío, de entrega, entrega, di spedizione, spedizione, afleveradres, levering, 納入先, 送货, 收货',
  ],
  ['mailing', 'mailing, mailing address, mail address, postal address, Postanschrift, de correo, 郵送先, 邮寄'],
  [
    'main',
    'work, work address, business, business address, office, primary, primary address, main, default, default address, address 1, addr 1, primary contact, direct, company address, geschäftlich, dienstlich, Hauptadresse, bureau, professionnel, professionnelle, adresse principale, principal, del trabajo, de trabajo, trabajo, comercial, do trabalho, do emprego, trabalho, uff, ufficio, lavoro, werkadres, werk, op werk, zakelijk, 会社, 勤務先, 商务, 办公, po address, mail',
  ],
  [
    'home',
    'home, home address, private, personal, privat, domicile, personnel, particular, de casa, casa, residencial, abitazione, privé, thuis, 自宅, 住宅, 家庭',
  ],
  [
    'other',
    'other, other address, alternate, alternate address, alternative, address 2, addr 2, secondary, weitere, autre, otro, otra, outro, altro, その他, 其他',
  ],
  ['mobile', 'mobile, cell'],
];
