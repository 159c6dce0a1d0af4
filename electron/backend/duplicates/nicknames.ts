import { UMLAUTS } from './normal-forms.ts';

/** Short forms by the name they stand for, in Latin letters. */
const NICKNAMES: Readonly<Record<string, string>> = {
  robert: 'bob bobby rob robbie bert',
  william: 'bill billy will willy liam',
  richard: 'dick rick ricky rich',
  james: 'jim jimmy jamie',
  john: 'jack johnny jon',
  michael: 'mike mick mickey mikey micha',
  thomas: 'tom tommy',
  edward: 'ed eddie ted ned',
  charles: 'charlie chuck',
  christopher: 'chris kit',
  daniel: 'dan danny',
  david: 'dave davy',
  joseph: 'joe joey',
  anthony: 'tony',
  andrew: 'andy drew',
  matthew: 'matt',
  nicholas: 'nick nicky',
  patrick: 'pat paddy',
  peter: 'pete',
  samuel: 'sam sammy',
  steven: 'steve stephen',
  benjamin: 'ben benny',
  gregory: 'greg',
  kenneth: 'ken kenny',
  lawrence: 'larry laurence',
  ronald: 'ron ronnie',
  donald: 'don donnie',
  timothy: 'tim',
  jeffrey: 'jeff geoffrey geoff',
  frederick: 'fred freddy friedrich',
  elizabeth: 'liz beth betty lizzie eliza elisabeth lisa',
  margaret: 'maggie meg peggy margarete greta',
  katherine: 'kate kathy katie catherine cathy katharina',
  jennifer: 'jen jenny',
  susan: 'sue susie susanne',
  patricia: 'patty trish tricia',
  barbara: 'barb',
  deborah: 'deb debbie',
  rebecca: 'becky becca',
  victoria: 'vicky tori',
  alexandra: 'sandra lexi',
  alexander: 'alex sasha aleksandr',
  theresa: 'terry tess teresa',
  josef: 'sepp jupp',
  johannes: 'hans johann hannes',
  maximilian: 'max',
  sebastian: 'basti',
  ivan: 'vanya',
  dmitrii: 'dima mitya',
  vladimir: 'vova volodya',
  mikhail: 'misha',
  maria: 'masha mariya',
  ekaterina: 'katya',
  anna: 'anya',
  ioannis: 'giannis yannis',
  georgios: 'giorgos yorgos',
  konstantinos: 'kostas',
  dimitrios: 'dimitris mitsos',
  jose: 'pepe',
  francisco: 'paco pancho',
  giuseppe: 'beppe peppe',
};

/** As normal forms have it. */
function folded(name: string): string {
  return UMLAUTS.reduce((text, [two, one]) => text.replaceAll(two, one), name);
}

const NAME_OF = new Map(
  Object.entries(NICKNAMES).flatMap(([name, short]) =>
    short.split(' ').map((alias) => [folded(alias), folded(name)] as const),
  ),
);

/** The name that a first name is a short form of; itself where it is none. Of several names the first counts. */
export function fullName(firstName: string): string {
  const [first = ''] = firstName.split(' ');
  return NAME_OF.get(first) ?? first;
}
