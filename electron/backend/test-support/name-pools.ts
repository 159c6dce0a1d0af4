/** Names of several scripts to make people and companies of; all invented or common. */
export interface NamePool {
  readonly first: readonly string[];
  /** Beginnings and ends of last names: each beginning goes with each end. */
  readonly last: readonly [readonly string[], readonly string[]];
  readonly cities: readonly string[];
  readonly streets: readonly string[];
  readonly words: readonly string[];
  readonly forms: readonly string[];
  readonly domain: string;
}

const list = (text: string): string[] => text.split(' ');
const LETTERS = list('b br ch d dr f fr g gr h j k kl l m n p pr qu r s sch st t tr v w z');

export const POOLS: readonly NamePool[] = [
  {
    first: list(
      'James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph Jessica Thomas Sarah Charles Karen Christopher Lisa Daniel Nancy Matthew Betty Anthony Sandra Mark Margaret Donald Ashley Steven Kimberly Andrew Emily Paul Donna Joshua Michelle Kenneth Carol Kevin Amanda Brian Melissa George Deborah Timothy Stephanie Ronald Rebecca Jason Sharon Edward Laura Jeffrey Cynthia Ryan Dorothy Jacob Amy Gary Kathleen Nicholas Angela Eric Shirley Jonathan Emma Stephen Brenda',
    ),
    last: [
      list(
        'Ash Bar Black Brook Carl Chad Cole Dal East Fair Farn Gold Green Hal Ham Hart Hath Holl Kirk Lang Lock Marl Mit Nor Oak Pem Rad Rams Red Rock Sand Shel Stan Thorn Wake Wal West White Win Wood Wy Yar',
      ),
      list(
        'bourne bridge brook bury by cott croft dale den field ford gate ham hill ing land leigh ley low man mere more ridge row shaw son stead stone ton wall well wick win wood worth',
      ),
    ],
    cities: list(
      'Springfield Riverton Salem Georgetown Bristol Leeds Austin Denver Portland Boston Dayton Camden Oxford Madison Clayton Franklin Arlington Ashland Dover Hudson',
    ),
    streets: [
      'Main Street',
      'Oak Avenue',
      'Park Road',
      'Church Street',
      'Mill Lane',
      'Station Road',
      'High Street',
      'Cedar Drive',
      'Lake Avenue',
      'Victoria Road',
      'Elm Street',
      'Hill Road',
      'Washington Avenue',
      'King Street',
      'Maple Drive',
    ],
    words: list(
      'Advanced Alpine Amber Apex Atlas Beacon Blue Bright Cascade Cedar Central Clear Coastal Copper Crown Crystal Delta Eagle Eastern Element Ember Falcon First Frontier Global Golden Granite Harbor Horizon Iron Jade Keystone Liberty Lunar Maple Meridian Metro Noble Northern Nova Ocean Orion Pacific Pioneer Prime Quantum Rapid River Royal Sierra Silver Solar Sterling Summit Titan Union Vector Vertex Western Zenith',
    ),
    forms: ['Inc.', 'LLC', 'Ltd', 'Corp.', 'Corporation', 'Limited', 'Co.', ''],
    domain: 'com',
  },
  {
    first: list(
      'Jürgen Käthe Björn Zoë Łukasz Małgorzata Étienne Éloïse José María Søren Åse François Chloé Günther Jörg Hélène Stanisław Zofia Tomáš Jiří Željko Øyvind Anaïs Håkan Márta László Ágnes Matthias Sabine Wolfgang Ursula Klaus Petra Stefan Monika',
    ),
    last: [
      list(
        'Mül Schrö Krä Böh Kö Grün Weiß Lö Förs Jäg Brü Grö Hä Pfeif Zim Schäf Wójc Kamiń Dvoř Nová Søren Åker Ström Gonzá Fernán Núñ Lefèb Bélang Moré Szabó',
      ),
      list(
        'ler der mer nig ner ke ter holz er mann bauer berg hof feld stein ski ak cik sen son gren lez dez ez vre er au lin rich',
      ),
    ],
    cities: [
      'München',
      'Köln',
      'Kraków',
      'Łódź',
      'Málaga',
      'Orléans',
      'Århus',
      'Malmö',
      'Düsseldorf',
      'Zürich',
      'Göttingen',
      'Besançon',
    ],
    streets: [
      'Hauptstraße',
      'Bahnhofstraße',
      'Gartenstr.',
      'Schillerstraße',
      'Rue de l’Église',
      'Calle Mayor',
      'Ulica Długa',
      'Strandgade',
      'Lindenallee',
      'Königsweg',
    ],
    words: list(
      'Müller Süd Nord Präzision Werk Bäckerei Maschinenbau Energía Solución Société Générale Électro Fäden Grün Höhen Übersee Öko Früh König Brücke Möbel Zöller Gebäude Stahlbau Spedition Żegluga Świat Océan Montaña Håndværk',
    ),
    forms: ['GmbH', 'AG', 'GmbH & Co. KG', 'S.A.', 'SARL', 'Sp. z o.o.', 'A/S', 'AB', ''],
    domain: 'de',
  },
  {
    first: list(
      'Иван Мария Дмитрий Екатерина Владимир Анна Михаил Ольга Сергей Наталья Алексей Татьяна Андрей Елена Николай Ирина Павел Светлана Юрий Жанна',
    ),
    last: [
      list(
        'Иван Петр Сидор Кузнец Смирн Попо Васил Соколо Михайл Новик Фёдор Мороз Волк Алексе Лебед Семён Егор Павл Козл Степан Никола Орл Андре Макар Захар Щерба',
      ),
      list('ов ев ин овский енко ков ский чук цев яков'),
    ],
    cities: ['Москва', 'Казань', 'Самара', 'Омск', 'Пермь', 'Тула', 'Псков', 'Уфа'],
    streets: ['улица Ленина', 'Садовая улица', 'проспект Мира', 'Школьная улица', 'Лесная улица', 'Набережная'],
    words: list(
      'Север Восток Строй Пром Энерго Транс Техно Инвест Газ Нефть Металл Лес Авто Дом Сервис Торг Агро Мед Хим Связь',
    ),
    forms: ['ООО', 'ОАО', 'ЗАО', 'ПАО', ''],
    domain: 'ru',
  },
  {
    first: list(
      'Γιάννης Μαρία Γιώργος Ελένη Κώστας Αικατερίνη Δημήτρης Βασιλική Νίκος Σοφία Παναγιώτης Αγγελική Χρήστος Ιωάννα',
    ),
    last: [
      list('Παπα Γεωργ Δημητρ Νικολ Κωνσταντ Ιωαν Αντων Βασιλ Χριστ Αθανασ Θεοδωρ Μιχαηλ Πετρ Σταυρ'),
      list('όπουλος ίδης άκης άκος ίου αίος ιάδης ούδης'),
    ],
    cities: ['Αθήνα', 'Πάτρα', 'Λάρισα', 'Βόλος', 'Χανιά', 'Θεσσαλονίκη'],
    streets: ['Ερμού', 'Σταδίου', 'Πανεπιστημίου', 'Αθηνάς', 'Τσιμισκή'],
    words: list('Ελληνική Ναυτιλία Τεχνική Ενέργεια Αιγαίο Ήλιος Θάλασσα Δομική Νότια Βόρεια Οικο Γη'),
    forms: ['Α.Ε.', 'Ε.Π.Ε.', 'Ι.Κ.Ε.', ''],
    domain: 'gr',
  },
  {
    first: list('伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 涛 明 超 秀英 健太 美咲 大輔 陽子 浩二 由美 翔 直樹'),
    last: [list('王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 佐藤 鈴木 高橋 田中 渡辺 伊藤 山本 中村 小林'), ['']],
    cities: ['北京', '上海', '深圳', '东京', '大阪', '广州', '京都'],
    streets: ['中山路', '人民路', '解放大道', '南京东路', '银座', '本町'],
    words: list('华 东 方 科技 信息 国际 新 光 大 海 天 地 金 山 和 日本 三 星 电子 建设 贸易'),
    forms: ['有限公司', '株式会社', '股份有限公司', ''],
    domain: 'cn',
  },
];

/** Short forms that people are entered under; not all of them are known to anybody. */
export const SHORT_FORMS: Readonly<Record<string, string>> = {
  James: 'Jim',
  Robert: 'Bob',
  Michael: 'Mike',
  William: 'Bill',
  Richard: 'Rick',
  Joseph: 'Joe',
  Thomas: 'Tom',
  Charles: 'Chuck',
  Christopher: 'Chris',
  Daniel: 'Dan',
  Matthew: 'Matt',
  Anthony: 'Tony',
  Steven: 'Steve',
  Andrew: 'Andy',
  Elizabeth: 'Liz',
  Margaret: 'Peggy',
  Jennifer: 'Jen',
  Patricia: 'Trish',
  Susan: 'Sue',
  Kimberly: 'Kim',
  Jessica: 'Jess',
  Stephanie: 'Steph',
  Jonathan: 'Jon',
  Timothy: 'Tim',
  Wolfgang: 'Wolf',
  Екатерина: 'Катя',
  Владимир: 'Вова',
  Дмитрий: 'Дима',
  Михаил: 'Миша',
  Алексей: 'Лёша',
};

/** Rarer last names, so that a large org has as many as a real one: made of syllables. */
export function madeUpName(pick: <T>(of: readonly T[]) => T): string {
  const vowels = list('a e i o u ei au ie');
  const name = pick(LETTERS) + pick(vowels) + pick(LETTERS) + pick(vowels) + pick(list('n r l s t ck nd rt m x'));
  return name.charAt(0).toUpperCase() + name.slice(1);
}
