/** HTML or SVG that needs no escaping any more. Only {@link html} and {@link raw} make it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: strings and numbers are escaped, lists are joined, null is left out. */
export type Content = string | number | Markup | readonly Content[] | null;

/**
 * A template whose every value is escaped unless it is markup already, so that nobody can forget it. Right for text and
 * for attributes in double quotes.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let text = '';
  for (const [index, part] of parts.entries()) {
    // The indentation of the source is nothing to the page.
    text += part.replaceAll(/\n\s*/g, '\n') + textOf(values[index] ?? null);
  }
  return new Markup(text);
}

/** Text that is markup as it stands; never for anything that came from outside. */
export function raw(text: string): Markup {
  return new Markup(text);
}

/** Data that a script of the page reads with JSON.parse: no text in it can end the element that holds it. */
export function jsonData(value: unknown): Markup {
  return new Markup(JSON.stringify(value).replaceAll('<', String.raw`\u003c`));
}

function textOf(value: Content): string {
  if (value === null) return '';
  if (value instanceof Markup) return value.text;
  return typeof value === 'object' ? value.map((one) => textOf(one)).join('') : escaped(value);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes what HTML would read as markup and shows what nobody would see: control and direction characters. */
function escaped(value: string | number): string {
  return String(value)
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] as string)
    .replaceAll(/[\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069\p{Cs}]/gu, '\uFFFD');
}
