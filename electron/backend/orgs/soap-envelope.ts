const PARTNER = 'xmlns="urn:partner.soap.sforce.com"';

/** A call of the partner API as a whole document, given as the XML inside its body (SOAP API Developer Guide, partner WSDL). */
export function soapEnvelope(call: string, token: string, headers: string): string {
  const session = `<SessionHeader ${PARTNER}><sessionId>${token}</sessionId></SessionHeader>`;
  const others = headers.replace(/^<(\w+)/, `<$1 ${PARTNER}`);
  const body = call.replace(/^<(\w+)/, `<$1 ${PARTNER}`);
  return `<?xml version="1.0" encoding="UTF-8"?><Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Header>${session}${others}</Header><Body>${body}</Body></Envelope>`;
}
