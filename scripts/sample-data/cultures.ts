import type { NumberBlock } from './phone-numbers.ts';

/** A name as written, and in Latin letters for the e-mail address. */
export type Name = readonly [written: string, latin: string];
/** City, state or province (may be blank), postal code with `#` for any digit. */
export type Place = readonly [city: string, state: string, postalCode: string];

/** What people of one country look like in a customer file. Everything here is invented or common knowledge. */
export type Culture = {
  /** ISO 3166-1 alpha-2. */
  readonly region: string;
  /** How many of 100 people. */
  readonly weight: number;
  /** How the country is written, in customer files, by name and by code. */
  readonly countries: readonly string[];
  readonly firstNames: readonly Name[];
  readonly lastNames: readonly Name[];
  readonly places: readonly Place[];
  /** Street names; `#` stands for the house number. */
  readonly streets: readonly string[];
  readonly phones: readonly NumberBlock[];
};

/** Latin names whose plain form is found by dropping accents. */
const latin = (names: string): Name[] =>
  names.split(' ').map((name) => [
    name,
    name
      .replace(/[ßøØłŁæÆđıœþð]/g, (letter) => plainLetters[letter] ?? letter)
      .normalize('NFD')
      .replace(/[^A-Za-z]/g, ''),
  ]);
const plainLetters: Readonly<Record<string, string>> = {
  ß: 'ss',
  ø: 'o',
  Ø: 'O',
  ł: 'l',
  Ł: 'L',
  æ: 'ae',
  Æ: 'Ae',
  đ: 'd',
  ı: 'i',
  œ: 'oe',
  þ: 'th',
  ð: 'd',
};
/** `written=latin` pairs. */
const paired = (names: string): Name[] =>
  names.split(' ').map((pair) => {
    const [written = '', plain = ''] = pair.split('=');
    return [written, plain];
  });

const englishFirst = latin(
  'Olivia James Amelia Noah Grace Henry Chloe Daniel Ruth Samuel Nora Victor Hazel Marcus Ivy Owen Clara Felix Alice Jonah Maya Elliot Rosa Theo Stella Hugo Violet Arthur Naomi Caleb Zoë Renée',
);
const englishLast = latin(
  "Harper Bennett Calloway Whitfield Okafor Delgado Marsh Thornton Quinn Ellery Hollis Prescott Nakamura Vance O'Malley Winslow Barrett Langley Mercer Ashford Kipling Rowe Sandoval Tran Lindqvist Abbott Fairchild Greer Holloway Ingram Jarvis Kendrick Locke Monroe Nash Oakley Pruitt Radcliffe Stanton Underwood",
);

const nanp = (areaCodes: string): NumberBlock[] =>
  areaCodes.split(' ').map((area) => ({ prefix: `${area}55501`, digits: 2, groups: [3, 3, 4] }));
const block = (prefix: string, digits: number, groups: readonly number[]): NumberBlock => ({
  prefix,
  digits,
  groups,
});

export const cultures: readonly Culture[] = [
  {
    region: 'US',
    weight: 33,
    countries: ['United States', 'USA', 'US', 'United States of America'],
    firstNames: englishFirst,
    lastNames: englishLast,
    places: [
      ['New York', 'NY', '100##'],
      ['Chicago', 'IL', '606##'],
      ['Austin', 'TX', '787##'],
      ['Portland', 'OR', '972##'],
      ['Denver', 'CO', '802##'],
      ['Boston', 'MA', '021##'],
      ['Savannah', 'GA', '314##'],
      ['Sacramento', 'CA', '958##'],
      ['Madison', 'WI', '537##'],
      ["Coeur d'Alene", 'ID', '838##'],
    ],
    streets: [
      '# Maple Street',
      '# Riverside Drive, Apt 4',
      '# Oak Avenue',
      '# Old Mill Road',
      '# W 3rd St, Unit "B"',
    ],
    phones: nanp(
      '201 202 203 206 210 212 213 214 216 303 305 310 312 313 314 317 401 402 404 405 407 410 412 414 415 502 503 504 505 512 602 605 612 614 615 617 702 704 713 718 801 804 808 816 901 907 919',
    ),
  },
  {
    region: 'GB',
    weight: 10,
    countries: ['United Kingdom', 'UK', 'GB', 'Great Britain'],
    firstNames: englishFirst,
    lastNames: englishLast,
    places: [
      ['London', '', 'SW1A #AA'],
      ['Manchester', '', 'M1 #AE'],
      ['Leeds', 'West Yorkshire', 'LS1 #BR'],
      ['Edinburgh', 'Scotland', 'EH1 #RF'],
      ['Cardiff', 'Wales', 'CF10 #EP'],
    ],
    streets: ['# High Street', 'Flat 2, # Station Road', '# Church Lane', '# Victoria Terrace'],
    phones: [
      block('2079460', 3, [2, 4, 4]),
      block('1614960', 3, [3, 3, 4]),
      block('1134960', 3, [3, 3, 4]),
      block('1314960', 3, [3, 3, 4]),
      block('2920180', 3, [2, 4, 4]),
    ],
  },
  {
    region: 'CA',
    weight: 4,
    countries: ['Canada', 'CA'],
    firstNames: [...englishFirst, ...latin('Étienne Maëlle Béatrice')],
    lastNames: [...englishLast, ...latin('Gagné Côté Bélanger')],
    places: [
      ['Toronto', 'ON', 'M5V #K#'],
      ['Montréal', 'QC', 'H2X #L#'],
      ['Vancouver', 'BC', 'V6B #N#'],
    ],
    streets: ['# Queen Street', '# rue Saint-Denis, app. 3', '# Granville Street'],
    phones: nanp('416 514 604 403 613 204 902 506'),
  },
  {
    region: 'AU',
    weight: 4,
    countries: ['Australia', 'AU'],
    firstNames: englishFirst,
    lastNames: englishLast,
    places: [
      ['Sydney', 'NSW', '20##'],
      ['Melbourne', 'VIC', '30##'],
      ['Perth', 'WA', '60##'],
    ],
    streets: ['# Banksia Street', 'Unit 5, # Harbour Road', '# Wattle Avenue'],
    phones: [block('25550', 4, [1, 4, 4]), block('35550', 4, [1, 4, 4]), block('85550', 4, [1, 4, 4])],
  },
  {
    region: 'DE',
    weight: 8,
    countries: ['Deutschland', 'Germany', 'DE'],
    firstNames: latin(
      'Jürgen Anneliese Björn Käthe Lukas Günther Mia Jörg Sophie Matthias Änne Till Frieda Ansgar Ulla',
    ),
    lastNames: latin(
      'Müller Schäfer Weiß Krüger Böhm Hoffmann Groß Lang Vogel Jäger Brandt Köhler Seidel Strauß Winkler',
    ),
    places: [
      ['Berlin', 'Berlin', '101##'],
      ['München', 'Bayern', '803##'],
      ['Köln', 'Nordrhein-Westfalen', '506##'],
      ['Düsseldorf', 'Nordrhein-Westfalen', '402##'],
      ['Hamburg', 'Hamburg', '203##'],
    ],
    streets: ['Lindenstraße #', 'Am Mühlbach #', 'Königsallee #', 'Gartenweg #a'],
    phones: [
      block('3023125', 3, [2, 8]),
      block('6990009', 3, [2, 8]),
      block('4066969', 3, [2, 8]),
      block('2214710', 3, [3, 7]),
      block('8999998', 3, [2, 8]),
    ],
  },
  {
    region: 'FR',
    weight: 6,
    countries: ['France', 'FR'],
    firstNames: latin(
      'Éloïse François Hélène Jérôme Zoé Thérèse Gaël Benoît Maïa Léon Aurélie Théo Inès Noël',
    ),
    lastNames: latin(
      'Lefèvre Dubois Géraud Châtelain Moreau Bérenger Lacroix Fournier Prévost Desœuvres Mercier Garnier',
    ),
    places: [
      ['Paris', '', '750##'],
      ['Lyon', '', '690##'],
      ['Besançon', '', '250##'],
      ['Nîmes', '', '300##'],
    ],
    streets: ['# rue de la République', '#, avenue des Érables', '# bis, place du Marché'],
    phones: [block('19900', 4, [1, 2, 2, 2, 2]), block('26191', 4, [1, 2, 2, 2, 2])],
  },
  {
    region: 'ES',
    weight: 4,
    countries: ['España', 'Spain', 'ES'],
    firstNames: latin('Íñigo Begoña Álvaro Lucía Martín Inés Raúl Belén Óscar Noemí'),
    lastNames: latin('Muñoz Ibáñez Peña Ordóñez García Núñez Vázquez Gállego Castaño Ríos'),
    places: [
      ['Madrid', 'Madrid', '280##'],
      ['Cádiz', 'Andalucía', '110##'],
      ['A Coruña', 'Galicia', '150##'],
    ],
    streets: ['Calle Mayor, #', 'Paseo del Río, #, 2.º B', 'Avenida de América #'],
    phones: [block('61200', 4, [3, 3, 3])],
  },
  {
    region: 'SE',
    weight: 3,
    countries: ['Sverige', 'Sweden', 'SE'],
    firstNames: latin('Åsa Björn Märta Östen Linnéa Håkan Elin Göran Saga Torbjörn'),
    lastNames: latin('Sjöberg Åkesson Lindström Öhman Nyström Bergqvist Hägg Forsgård Ekström Wållgren'),
    places: [
      ['Stockholm', '', '111 ##'],
      ['Göteborg', '', '411 ##'],
      ['Malmö', '', '211 ##'],
    ],
    streets: ['Björkgatan #', 'Åvägen # B', 'Strandvägen #'],
    phones: [
      block('8465004', 2, [1, 3, 3, 2]),
      block('3139006', 2, [2, 3, 2, 2]),
      block('4062804', 2, [2, 3, 2, 2]),
    ],
  },
  {
    region: 'PL',
    weight: 3,
    countries: ['Polska', 'Poland', 'PL'],
    firstNames: latin('Łukasz Małgorzata Wojciech Bożena Paweł Zofia Michał Agnieszka Grzegorz Żaneta'),
    lastNames: latin('Wiśniewski Dąbrowski Kozłowska Zając Król Wróbel Jabłońska Sikora Gołąb Mączyński'),
    places: [
      ['Warszawa', 'mazowieckie', '00-0##'],
      ['Łódź', 'łódzkie', '90-0##'],
      ['Kraków', 'małopolskie', '30-0##'],
    ],
    streets: ['ul. Długa #', 'ul. Świętej Anny # m. 5', 'al. Róż #'],
    phones: [block('51200', 4, [3, 3, 3])],
  },
  {
    region: 'TR',
    weight: 2,
    countries: ['Türkiye', 'Turkey', 'TR'],
    firstNames: latin('Çağla İsmail Şebnem Yiğit Gülşen Ömer Işıl Doğan'),
    lastNames: latin('Yılmaz Çelik Öztürk Şahin Aydın Güneş Kılıç Doğru'),
    places: [
      ['İstanbul', '', '34###'],
      ['İzmir', '', '35###'],
    ],
    streets: ['Çınar Sokak No: #', 'İnönü Caddesi #/3'],
    phones: [block('501200', 4, [3, 3, 2, 2])],
  },
  {
    region: 'BR',
    weight: 3,
    countries: ['Brasil', 'Brazil', 'BR'],
    firstNames: latin('João Conceição Antônio Luíza Sebastião Tânia César Letícia'),
    lastNames: latin('Gonçalves Araújo Magalhães Conceição Brandão Simões Leão Falcão'),
    places: [
      ['São Paulo', 'SP', '01###-000'],
      ['Brasília', 'DF', '70###-000'],
    ],
    streets: ['Rua das Acácias, #', 'Avenida Brasil, #, ap. 12'],
    phones: [block('1196000', 4, [2, 5, 4])],
  },
  {
    region: 'UA',
    weight: 3,
    countries: ['Україна', 'Ukraine', 'UA'],
    firstNames: paired(
      'Олена=Olena Тарас=Taras Наталія=Nataliia Богдан=Bohdan Софія=Sofiia Андрій=Andrii Юлія=Yuliia Іван=Ivan',
    ),
    lastNames: paired(
      'Шевчук=Shevchuk Коваленко=Kovalenko Бондар=Bondar Мельник=Melnyk Лисенко=Lysenko Гнатюк=Hnatiuk Савчук=Savchuk',
    ),
    places: [
      ['Київ', '', '01###'],
      ['Львів', '', '79###'],
    ],
    streets: ['вул. Садова, #', 'просп. Миру, #, кв. 7'],
    phones: [block('50120', 4, [2, 3, 2, 2])],
  },
  {
    region: 'BG',
    weight: 2,
    countries: ['България', 'Bulgaria', 'BG'],
    firstNames: paired('Иван=Ivan Мария=Maria Георги=Georgi Елена=Elena Петър=Petar Десислава=Desislava'),
    lastNames: paired('Иванов=Ivanov Петрова=Petrova Димитров=Dimitrov Стоянова=Stoyanova Колев=Kolev'),
    places: [
      ['София', '', '10##'],
      ['Пловдив', '', '40##'],
    ],
    streets: ['ул. Роза #', 'бул. Витоша #, ет. 2'],
    phones: [block('88120', 4, [2, 3, 4])],
  },
  {
    region: 'GR',
    weight: 2,
    countries: ['Ελλάδα', 'Greece', 'GR'],
    firstNames: paired('Νίκος=Nikos Ελένη=Eleni Γιώργος=Giorgos Σοφία=Sofia Δημήτρης=Dimitris Άννα=Anna'),
    lastNames: paired('Παππάς=Pappas Γεωργίου=Georgiou Νικολάου=Nikolaou Βλάχος=Vlachos Οικονόμου=Oikonomou'),
    places: [
      ['Αθήνα', 'Αττική', '105 ##'],
      ['Θεσσαλονίκη', '', '546 ##'],
    ],
    streets: ['Οδός Ερμού #', 'Λεωφόρος Αλεξάνδρας #'],
    phones: [block('691200', 4, [3, 3, 4])],
  },
  {
    region: 'EG',
    weight: 2,
    countries: ['مصر', 'Egypt', 'EG'],
    firstNames: paired('أحمد=Ahmed فاطمة=Fatma محمود=Mahmoud ليلى=Laila يوسف=Youssef مريم=Mariam'),
    lastNames: paired('حسن=Hassan السيد=Elsayed منصور=Mansour فوزي=Fawzy الشريف=Elsherif'),
    places: [
      ['القاهرة', '', '11###'],
      ['الإسكندرية', '', '21###'],
    ],
    streets: ['شارع النيل #', 'شارع الحرية #'],
    phones: [block('100120', 4, [3, 3, 4])],
  },
  {
    region: 'IL',
    weight: 2,
    countries: ['ישראל', 'Israel', 'IL'],
    firstNames: paired('נועה=Noa יונתן=Yonatan תמר=Tamar איתן=Eitan שירה=Shira אורי=Uri'),
    lastNames: paired('כהן=Cohen לוי=Levi מזרחי=Mizrahi פרץ=Peretz ברק=Barak'),
    places: [
      ['תל אביב', '', '61#####'],
      ['חיפה', '', '31#####'],
    ],
    streets: ['רחוב הרצל #', 'שדרות רוטשילד #'],
    phones: [block('50234', 4, [2, 3, 4])],
  },
  {
    region: 'TW',
    weight: 2,
    countries: ['台灣', 'Taiwan', 'TW'],
    firstNames: paired('志明=Zhiming 淑芬=Shufen 家豪=Jiahao 怡君=Yijun 雅婷=Yating 俊傑=Junjie'),
    lastNames: paired('陳=Chen 林=Lin 黃=Huang 張=Zhang 王=Wang 吳=Wu'),
    places: [
      ['臺北市', '', '10#'],
      ['高雄市', '', '80#'],
    ],
    streets: ['中山路#號', '和平東路二段#號5樓'],
    phones: [block('91200', 4, [3, 3, 3])],
  },
  {
    region: 'JP',
    weight: 3,
    countries: ['日本', 'Japan', 'JP'],
    firstNames: paired(
      '陽菜=Hina 翔太=Shota 美咲=Misaki 健一=Kenichi さくら=Sakura 大輔=Daisuke ユウキ=Yuki',
    ),
    lastNames: paired('佐藤=Sato 鈴木=Suzuki 高橋=Takahashi 渡辺=Watanabe 小林=Kobayashi 山口=Yamaguchi'),
    places: [
      ['千代田区', '東京都', '100-00##'],
      ['大阪市', '大阪府', '530-00##'],
    ],
    streets: ['丸の内1-#', '本町#丁目'],
    phones: [block('901200', 4, [2, 4, 4])],
  },
  {
    region: 'KR',
    weight: 2,
    countries: ['대한민국', 'South Korea', 'KR'],
    firstNames: paired('민준=Minjun 서연=Seoyeon 지훈=Jihoon 하은=Haeun 도윤=Doyun 수빈=Subin'),
    lastNames: paired('김=Kim 이=Lee 박=Park 최=Choi 정=Jung'),
    places: [
      ['서울특별시', '', '04###'],
      ['부산광역시', '', '48###'],
    ],
    streets: ['세종대로 #', '해운대로 #길 7'],
    phones: [block('102000', 4, [2, 4, 4])],
  },
  {
    region: 'IN',
    weight: 2,
    countries: ['भारत', 'India', 'IN'],
    firstNames: paired('आरव=Aarav प्रिया=Priya रोहन=Rohan अनन्या=Ananya विक्रम=Vikram दीपिका=Deepika'),
    lastNames: paired('शर्मा=Sharma पटेल=Patel सिंह=Singh गुप्ता=Gupta वर्मा=Verma'),
    places: [
      ['नई दिल्ली', 'दिल्ली', '1100##'],
      ['मुंबई', 'महाराष्ट्र', '4000##'],
    ],
    streets: ['गांधी मार्ग #', '# एम.जी. रोड'],
    phones: [block('812000', 4, [5, 5])],
  },
];
