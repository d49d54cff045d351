import { experimentalResultCodes, resultCodes } from '#protocols/diameter/result-codes.ts'

/** What there is to tell about one attack. */
export interface AttackTold {
  /** Who claimed to be whom, or asked for what; begins a sentence. */
  claims: string
  /** Goes on after "would have". */
  trustingHss: string
  answer: { code: number; experimental: boolean } | null
  vectors: number
  refused: boolean
  /** The rule that decided; null where the connection itself refused. */
  ruleId: string | null
  /** Number of the requirement of GSMA CLP.14. */
  clp14: string
}

/** One attack in one sentence: who claimed what, what trust would have cost, what came of it, and why. */
export function attackSentence({ claims, trustingHss, answer, vectors, refused, ruleId, clp14 }: AttackTold): string {
  const got = [answer === null ? 'no answer' : resultText(answer), vectorsText(vectors)].join(' and ')
  const rule = refused
    ? `refused by ${ruleId === null ? 'the connection itself' : `rule ${ruleId}`}`
    : `no rule stopped it${ruleId === null ? '' : `: ${ruleId} did not act`}`
  return `${claims}; an HSS that trusts its peers would have ${trustingHss}; it got ${got}, ${rule} (CLP.14 ${clp14}).`
}

/** `5012 DIAMETER_UNABLE_TO_COMPLY`: the code as it stands on the wire, and its name where it has one. */
export function resultText({ code, experimental }: { code: number; experimental: boolean }): string {
  const row = experimental ? experimentalResultCodes[code] : resultCodes[code]
  return row === undefined ? `${code}` : `${code} ${row.name}`
}

function vectorsText(vectors: number): string {
  return vectors === 0 ? 'no vector' : vectors === 1 ? '1 vector' : `${vectors} vectors`
}
