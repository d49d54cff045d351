import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { OperationError } from '#core/errors.ts'
import { foldings, isInSortedFile, KnownWords } from './known/known.ts'

/** Passwords are a fallback to passkeys: long ones, hashed with argon2id (RFC 9106), never forced to change. */

/** RFC 9106 §4, second recommended option: 64 MiB, 3 passes. */
const cost = { memory: 65_536, passes: 3, parallelism: 4, tagLength: 32 } as const
const saltBytes = 16
const minCharacters = 15
const maxCharacters = 256

export interface PasswordHash {
  algorithm: 'argon2id'
  memory: number
  passes: number
  parallelism: number
}

/** What a new password is held against, beside its length. */
export class PasswordRules {
  readonly #names: readonly string[]
  readonly #breached: string | null
  readonly #known = new KnownWords()

  /** `names` that everybody here knows; `breached`: a file of breached passwords beside the built-in list. */
  constructor(names: readonly string[], breached: string | null = null) {
    this.#names = names
    this.#breached = breached
  }

  /** Throws OperationError `password-refused` with the reason in `details.because`. `names`: the person's own, their organisation's. */
  async check(password: string, names: readonly string[]): Promise<void> {
    const because = await this.#refusal(password.normalize('NFKC'), [...this.#names, ...names])
    if (because === null) return
    throw new OperationError('password-refused', 422, sentences[because], { because })
  }

  async #refusal(password: string, names: readonly string[]): Promise<keyof typeof sentences | null> {
    const characters = [...password]
    if (characters.length < minCharacters) return 'short'
    if (characters.length > maxCharacters) return 'long'
    const lower = password.toLowerCase()
    if (new Set(characters).size < 5 || isSequence(lower) || isRepeated(lower)) return 'monotonous'
    const folded = foldings(password)
    if (folded.some((text) => known.includes(text) || this.#known.isMadeOf(text))) return 'known'
    if (hasTooMuchOf(folded, names)) return 'context'
    if (this.#breached !== null && (await isInSortedFile(this.#breached, password))) return 'known'
    return null
  }
}

/** What remains when the guessable names are taken away must still be long enough to stand by itself. */
function hasTooMuchOf(foldedForms: readonly string[], names: readonly string[]): boolean {
  const words = names
    .flatMap((name) => [name, ...name.split(/[^\p{L}\p{N}]+/u)])
    .flatMap(foldings)
    .filter((word) => word.length >= 4)
    .toSorted((a, b) => b.length - a.length)
  return foldedForms.some((text) => {
    const rest = words.reduce((left, word) => left.replaceAll(word, ''), text)
    return rest !== text && [...rest].length < minCharacters - 4
  })
}

const sentences = {
  short: `a password needs at least ${minCharacters} characters`,
  long: `a password has at most ${maxCharacters} characters`,
  monotonous: 'this is one thing repeated, or a sequence of the keyboard',
  known: 'this password stands in lists that attackers try first',
  context: 'this password contains a name that is easy to guess here',
} as const

const rows = ['abcdefghijklmnopqrstuvwxyz', '01234567890123456789', 'qwertyuiopasdfghjklzxcvbnm', 'qwertzuiopasdfghjklyxcvbnm']

function isSequence(text: string): boolean {
  const reversed = [...text].toReversed().join('')
  return rows.some((row) => row.repeat(2).includes(text) || row.repeat(2).includes(reversed))
}

function isRepeated(text: string): boolean {
  return `${text}${text}`.indexOf(text, 1) < text.length
}

/** Long ones that are not made of short ones, letters and digits only. */
const known: readonly string[] = [
  'passwordpassword',
  'password123456789',
  'iloveyouiloveyou',
  'letmeinletmeinletmein',
  'administrator123',
  'changemechangeme',
  'correcthorsebatterystaple',
  'qwertyuiopasdfgh',
  'q1w2e3r4t5y6u7i8o9p0',
  '1q2w3e4r5t6y7u8i9o0p',
  'thequickbrownfox',
  'trustno1trustno1',
  'welcomewelcome123',
  'footballfootball',
  'princessprincess',
  'superadministrator',
]

/** `secret`: salt and tag, as they are stored. */
export async function hashPassword(password: string): Promise<{ secret: Buffer; body: PasswordHash }> {
  const salt = randomBytes(saltBytes)
  const tag = await derive(password, salt, cost)
  const { memory, passes, parallelism } = cost
  return { secret: Buffer.concat([salt, tag]), body: { algorithm: 'argon2id', memory, passes, parallelism } }
}

/** Compares in constant time. */
export async function isPassword(password: string, secret: Buffer, body: PasswordHash): Promise<boolean> {
  const tag = await derive(password, secret.subarray(0, saltBytes), { ...body, tagLength: secret.length - saltBytes })
  return timingSafeEqual(tag, secret.subarray(saltBytes))
}

function derive(
  password: string,
  nonce: Buffer,
  with_: { memory: number; passes: number; parallelism: number; tagLength: number },
): Promise<Buffer> {
  const message = Buffer.from(password.normalize('NFKC'), 'utf8')
  const { memory, passes, parallelism, tagLength } = with_
  return new Promise((resolve, reject) => {
    argon2('argon2id', { message, nonce, memory, passes, parallelism, tagLength }, (error, tag) =>
      error === null ? resolve(tag) : reject(error),
    )
  })
}
