import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { OperationError } from '#core/errors.ts'

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
  readonly #words: readonly string[]

  /** `words`: names that everybody here knows. */
  constructor(words: readonly string[]) {
    this.#words = words
  }

  /** Throws OperationError `password-refused` with the reason in `details.because`. `words`: names of the person's own. */
  check(password: string, words: readonly string[]): void {
    const names = [...this.#words, ...words].flatMap((name) => [name, ...name.split(/[^\p{L}\p{N}]+/u)])
    const because = refusalOf(password.normalize('NFKC'), names)
    if (because === null) return
    throw new OperationError('password-refused', 422, sentences[because], { because })
  }
}

const sentences = {
  short: `a password needs at least ${minCharacters} characters`,
  long: `a password has at most ${maxCharacters} characters`,
  monotonous: 'this is one thing repeated, or a sequence of the keyboard',
  known: 'this password stands in lists that attackers try first',
  context: 'this password contains a name that is easy to guess here',
} as const

function refusalOf(password: string, words: readonly string[]): keyof typeof sentences | null {
  const characters = [...password]
  if (characters.length < minCharacters) return 'short'
  if (characters.length > maxCharacters) return 'long'
  const folded = password.toLowerCase()
  if (new Set(characters).size < 5 || isSequence(folded) || isRepeated(folded)) return 'monotonous'
  if (known.some((word) => folded.replaceAll(/[^a-z0-9]/g, '') === word)) return 'known'
  // What remains when the guessable name is taken away must still be long enough to stand by itself.
  const rest = words.filter((word) => word.length >= 4).reduce((text, word) => text.replaceAll(word.toLowerCase(), ''), folded)
  return [...rest].length < minCharacters - 4 && rest !== folded ? 'context' : null
}

const rows = ['abcdefghijklmnopqrstuvwxyz', '01234567890123456789', 'qwertyuiopasdfghjklzxcvbnm', 'qwertzuiopasdfghjklyxcvbnm']

function isSequence(text: string): boolean {
  const reversed = [...text].toReversed().join('')
  return rows.some((row) => row.repeat(2).includes(text) || row.repeat(2).includes(reversed))
}

function isRepeated(text: string): boolean {
  return `${text}${text}`.indexOf(text, 1) < text.length
}

/** Long ones that public breach statistics list, letters and digits only. A full list is a matter for a directory service. */
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
