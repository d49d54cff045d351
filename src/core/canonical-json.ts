/**
 * JSON of which there is only one spelling (RFC 8785): members in the order of their names' UTF-16 code units, numbers and
 * strings as ECMAScript writes them, no white space. What is signed or hashed is this text, so that whoever parses and
 * writes it again gets the same octets. Throws TypeError for what JSON cannot carry to another program unchanged.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return canonicalText(value)
    case 'number':
      // RFC 8785 §3.2.2.3: NaN and the infinities have no spelling; minus zero is written as 0.
      if (!Number.isFinite(value)) throw new TypeError(`${value} is no JSON number`)
      return JSON.stringify(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      return Array.isArray(value) ? `[${value.map(canonicalJson).join(',')}]` : canonicalObject(value)
    default:
      throw new TypeError(`a ${typeof value} is no JSON`)
  }
}

function canonicalObject(value: object): string {
  if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null) {
    throw new TypeError('only plain objects have one spelling in JSON')
  }
  // A member without a value is none: JSON.stringify leaves it out as well.
  const members = Object.entries(value).filter(([, item]) => item !== undefined)
  members.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, item]) => `${canonicalText(name)}:${canonicalJson(item)}`).join(',')}}`
}

/** Half a surrogate pair becomes another character on its way through UTF-8 (RFC 8785 §3.2.2.2). */
function canonicalText(text: string): string {
  if (!text.isWellFormed()) throw new TypeError('a text with half a surrogate pair is no JSON that others read alike')
  return JSON.stringify(text)
}
