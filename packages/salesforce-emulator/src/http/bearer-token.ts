/** The token of an Authorization header, `Bearer` or Salesforce's older `OAuth`. */
export const bearerToken = (header: string | undefined): string | undefined =>
  /^(?:Bearer|OAuth) +(\S+)$/i.exec(header ?? '')?.[1];
