import { XMLBuilder, XMLParser } from 'fast-xml-parser';
import { ApiError } from './api-error.ts';

/** An XML element as an object: child elements by local name (an array where one repeats), text as `#text`. */
export interface XmlElement {
  [name: string]: XmlNode;
}
export type XmlNode = string | XmlElement | XmlNode[];

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  // Salesforce refuses documents with a DTD; without one there is nothing to expand.
  processEntities: true,
  // Also references by number, such as that of a carriage return (XML 1.0, section 4.1).
  htmlEntities: true,
});
const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  suppressEmptyNode: true,
  suppressBooleanAttributes: false,
});

export function parseXml(body: Buffer): XmlElement {
  const text = body.toString('utf8');
  if (/<!DOCTYPE/i.test(text)) throw new ApiError(400, 'InvalidXML', 'DOCTYPE is not allowed in this document');
  try {
    return parser.parse(text, true) as XmlElement;
  } catch (error) {
    throw new ApiError(400, 'InvalidXML', error instanceof Error ? error.message : String(error));
  }
}

export function buildXml(document: object): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${builder.build(document)}`;
}

export function element(node: XmlNode | undefined, name: string): XmlElement | null {
  const [found] = elements(node, name);
  return found ?? null;
}

export function elements(node: XmlNode | undefined, name: string): XmlElement[] {
  if (typeof node !== 'object' || Array.isArray(node)) return [];
  const found = node[name];
  const list = found === undefined ? [] : Array.isArray(found) ? found : [found];
  return list.map((one) => (typeof one === 'string' ? { '#text': one } : (one as XmlElement)));
}

export function textOf(node: XmlNode | undefined): string {
  if (typeof node === 'string') return node;
  if (node === undefined || Array.isArray(node)) return '';
  const own = node['#text'];
  return typeof own === 'string' ? own : '';
}

export function textAt(node: XmlNode | undefined, name: string): string | null {
  const found = element(node, name);
  return found ? textOf(found) : null;
}

/** All texts of a repeated element. */
export function textsAt(node: XmlNode | undefined, name: string): string[] {
  return elements(node, name).map((one) => textOf(one));
}
