/** A country or one of its states, as address picklists list them. */
export interface Place {
  readonly code: string;
  readonly label: string;
}
export interface Country extends Place {
  readonly states: readonly Place[];
}

// ISO 3166-1. Names come from the Unicode data in Node; a few differ from the ones Salesforce ships.
const countryCodes =
  'AD AE AF AG AI AL AM AO AQ AR AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GW GY HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MK ML MM MN MO MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PS PT PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW';

/** ISO 3166-2 without the country: `code name` joined by commas. Other countries have no states here. */
const states: Readonly<Record<string, string>> = {
  AU: 'ACT Australian Capital Territory,NSW New South Wales,NT Northern Territory,QLD Queensland,SA South Australia,TAS Tasmania,VIC Victoria,WA Western Australia',
  BR: 'AC Acre,AL Alagoas,AP Amapá,AM Amazonas,BA Bahia,CE Ceará,DF Distrito Federal,ES Espírito Santo,GO Goiás,MA Maranhão,MT Mato Grosso,MS Mato Grosso do Sul,MG Minas Gerais,PA Pará,PB Paraíba,PR Paraná,PE Pernambuco,PI Piauí,RJ Rio de Janeiro,RN Rio Grande do Norte,RS Rio Grande do Sul,RO Rondônia,RR Roraima,SC Santa Catarina,SP São Paulo,SE Sergipe,TO Tocantins',
  CA: 'AB Alberta,BC British Columbia,MB Manitoba,NB New Brunswick,NL Newfoundland and Labrador,NT Northwest Territories,NS Nova Scotia,NU Nunavut,ON Ontario,PE Prince Edward Island,QC Quebec,SK Saskatchewan,YT Yukon Territories',
  IE: 'CW Carlow,CN Cavan,CE Clare,CO Cork,DL Donegal,D Dublin,G Galway,KY Kerry,KE Kildare,KK Kilkenny,LS Laois,LM Leitrim,LK Limerick,LD Longford,LH Louth,MO Mayo,MH Meath,MN Monaghan,OY Offaly,RN Roscommon,SO Sligo,TA Tipperary,WD Waterford,WH Westmeath,WX Wexford,WW Wicklow',
  MX: 'AG Aguascalientes,BC Baja California,BS Baja California Sur,CM Campeche,CS Chiapas,CH Chihuahua,CO Coahuila,CL Colima,DG Durango,GT Guanajuato,GR Guerrero,HG Hidalgo,JA Jalisco,ME Mexico State,DF Federal District,MI Michoacán,MO Morelos,NA Nayarit,NL Nuevo León,OA Oaxaca,PB Puebla,QE Querétaro,QR Quintana Roo,SL San Luis Potosí,SI Sinaloa,SO Sonora,TB Tabasco,TM Tamaulipas,TL Tlaxcala,VE Veracruz,YU Yucatán,ZA Zacatecas',
  US: 'AL Alabama,AK Alaska,AZ Arizona,AR Arkansas,CA California,CO Colorado,CT Connecticut,DE Delaware,DC District of Columbia,FL Florida,GA Georgia,HI Hawaii,ID Idaho,IL Illinois,IN Indiana,IA Iowa,KS Kansas,KY Kentucky,LA Louisiana,ME Maine,MD Maryland,MA Massachusetts,MI Michigan,MN Minnesota,MS Mississippi,MO Missouri,MT Montana,NE Nebraska,NV Nevada,NH New Hampshire,NJ New Jersey,NM New Mexico,NY New York,NC North Carolina,ND North Dakota,OH Ohio,OK Oklahoma,OR Oregon,PA Pennsylvania,RI Rhode Island,SC South Carolina,SD South Dakota,TN Tennessee,TX Texas,UT Utah,VT Vermont,VA Virginia,WA Washington,WV West Virginia,WI Wisconsin,WY Wyoming',
};

const names = new Intl.DisplayNames('en', { type: 'region' });

const readStates = (text: string | undefined): readonly Place[] =>
  (text?.split(',') ?? []).map((entry) => {
    const [code = '', ...words] = entry.split(' ');
    return { code, label: words.join(' ') };
  });

/** The countries of an org with address picklists, each with the states Salesforce asks for there. */
export const countries: readonly Country[] = countryCodes.split(' ').map((code) => ({
  code,
  label: names.of(code) ?? code,
  states: readStates(states[code]),
}));

const byFoldedText = new Map<string, Country>(
  countries.flatMap((country) => [[country.label.toLowerCase(), country] as const]),
);
const byCode = new Map(countries.map((country) => [country.code, country]));

/** The country of this code, or of this name in any case. */
export const findCountryByCode = (code: string): Country | undefined => byCode.get(code.toUpperCase());
export const findCountryByName = (name: string): Country | undefined => byFoldedText.get(name.toLowerCase());
