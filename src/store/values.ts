import type { CustomTypesConfig } from 'pg'

/** Turns the text form of one database type into a value. */
type Parse = (text: string) => unknown

const bytes: Parse = (text) => Buffer.from(text.slice(2), 'hex')
/** `2026-11-28 14:30:00.123+00`: an offset has its minutes only where they are not zero. */
const time: Parse = (text) => new Date(`${text.slice(0, 10)}T${text.slice(11)}${text.at(-3) === ':' ? '' : ':00'}`)
const json: Parse = (text) => JSON.parse(text)

/** By type OID (catalogue pg_type). A type that is not here stays text. */
const parsers: Readonly<Record<number, Parse>> = {
  16: (text) => text === 't', // bool
  17: bytes, // bytea
  20: BigInt, // int8
  21: Number, // int2
  23: Number, // int4
  26: Number, // oid
  114: json, // json
  700: Number, // float4
  701: Number, // float8
  1184: time, // timestamptz
  3802: json, // jsonb
  1000: (text) => parseArray(text, (item) => item === 't'), // bool[]
  1001: (text) => parseArray(text, bytes), // bytea[]
  1005: (text) => parseArray(text, Number), // int2[]
  1007: (text) => parseArray(text, Number), // int4[]
  1009: (text) => parseArray(text, (item) => item), // text[]
  1016: (text) => parseArray(text, BigInt), // int8[]
  1022: (text) => parseArray(text, Number), // float8[]
  1185: (text) => parseArray(text, time), // timestamptz[]
  2951: (text) => parseArray(text, (item) => item), // uuid[]
  3807: (text) => parseArray(text, json), // jsonb[]
}

const asText: Parse = (text) => text

/** The one table by which both engines read values. */
export const valueTypes: CustomTypesConfig = {
  getTypeParser: ((oid: number) => parsers[oid] ?? asText) as CustomTypesConfig['getTypeParser'],
}

/** One-dimensional array literal: `{a,"b \"c\"",NULL}`. */
function parseArray(text: string, parse: Parse): unknown[] {
  const items: unknown[] = []
  let at = 1
  while (at < text.length - 1) {
    if (text[at] === '"') {
      let item = ''
      for (at += 1; text[at] !== '"'; at++) {
        if (text[at] === '\\') at += 1
        item += text[at]
      }
      items.push(parse(item))
      at += 1
    } else {
      const end = text.indexOf(',', at) < 0 ? text.length - 1 : text.indexOf(',', at)
      const item = text.slice(at, end)
      items.push(item === 'NULL' ? null : parse(item))
      at = end
    }
    at += 1
  }
  return items
}

/** Stands for itself in an array literal: no brace, comma, quote, backslash or blank, and not NULL. */
const plainItem = /^(?!null$)[\w.:+-]+$/i

/**
 * The literal of a one-dimensional array, as a parameter that is cast (`$1::text[]`). The driver can do it too, at several
 * times the cost: for the statements that run all the time.
 */
export function toArray(items: readonly (string | number | bigint | boolean | null)[]): string {
  const texts = items.map((item) => {
    if (item === null) return 'NULL'
    if (typeof item !== 'string') return String(item)
    return plainItem.test(item) ? item : `"${item.replace(/["\\]/g, '\\$&')}"`
  })
  return `{${texts.join(',')}}`
}
