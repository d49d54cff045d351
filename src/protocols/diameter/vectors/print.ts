import { readFileSync } from 'node:fs'
import { encode } from '../codec.ts'
import { diameter } from '../dict/all.ts'
import { printVector, readVectors } from './vector-file.ts'

/**
 * `node src/protocols/diameter/vectors/print.ts s6a "AIR:"`: the vectors of s6a.txt whose title begins so, with the octets that
 * their text encodes to. For whoever has changed the text; a look at the octets is still the reviewer's.
 */
const [file = '', title = ''] = process.argv.slice(2)
for (const vector of readVectors(diameter, readFileSync(new URL(`${file}.txt`, import.meta.url), 'utf8'))) {
  if (vector.message === null || !vector.title.startsWith(title)) continue
  process.stdout.write(`${printVector(diameter, vector.title, vector.message, encode(diameter, vector.message))}\n`)
}
