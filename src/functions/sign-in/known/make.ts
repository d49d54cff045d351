import { readFileSync, writeFileSync } from 'node:fs'
import { digestOf, foldings } from './known.ts'

/** node src/functions/sign-in/known/make.ts LIST: makes words.bin of a list of common passwords, one a line. */
const words = new Set(
  readFileSync(process.argv[2] ?? '/dev/stdin', 'utf8')
    .split('\n')
    .flatMap((line) => foldings(line.trim()))
    .filter((word) => word.length >= 3 && !/^\d+$/.test(word)),
)
const digests = [...words].map(digestOf).toSorted((a, b) => a.compare(b))
writeFileSync(new URL('./words.bin', import.meta.url), Buffer.concat(digests))
process.stdout.write(`${digests.length} words\n`)
