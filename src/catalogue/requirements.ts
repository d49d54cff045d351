import { readFileSync } from 'node:fs'

/** A text in the three languages of the portal. */
interface Texts {
  en: string
  zh: string
  ja: string
}

type Strength = 'shall' | 'should' | 'can' | 'may' | 'inform'

/** One row of either document in one shape. `ref` is how controls name it. */
export interface Requirement {
  /** `clp14:5.6.1-06`, `en303645:5.3-2`. */
  ref: string
  source: 'clp14' | 'en303645'
  /** As in the document's own numbering, with our row number: `5.6.1-06`. */
  number: string
  section: string
  title: Texts
  requirement: Texts
  strength: Strength
  /** operator, service-provider, device-maker; device, manufacturer, service. */
  audience: string
  kind: 'function' | 'enforce' | 'evidence'
  /** How it can be served, or, for a device's provision, what a network can see of it. */
  how: string
  /** Editions that have the row. */
  versions: readonly string[]
  /** How much of a device's provision a network can see; null for CLP.14. */
  networkEvidence: 'yes' | 'partly' | 'no' | null
}

interface RawTexts {
  title: string
  title_zh: string
  title_ja: string
  requirement: string
  requirement_zh: string
  requirement_ja: string
}

interface RawClp14 extends RawTexts {
  id: string
  section: string
  versions: string[]
  strength: Strength
  audience: string
  kind: Requirement['kind']
  how: string
}

interface RawEn303645 extends RawTexts {
  id: string
  section: string
  modality: 'shall' | 'should'
  applies_to: string
  network_evidence: { level: 'yes' | 'partly' | 'no'; how: string }
}

/** All rows of both documents, in the order of the documents. Reads two files: call it once. */
export function loadRequirements(): readonly Requirement[] {
  return [...read<RawClp14>('clp14.json').map(fromClp14), ...read<RawEn303645>('en303645.json').map(fromEn303645)]
}

function read<Row>(name: string): Row[] {
  return JSON.parse(readFileSync(new URL(`./${name}`, import.meta.url), 'utf8')) as Row[]
}

function texts(row: RawTexts): Pick<Requirement, 'title' | 'requirement'> {
  return {
    title: { en: row.title, zh: row.title_zh, ja: row.title_ja },
    requirement: { en: row.requirement, zh: row.requirement_zh, ja: row.requirement_ja },
  }
}

function fromClp14(row: RawClp14): Requirement {
  return {
    ...texts(row),
    ref: `clp14:${row.id}`,
    source: 'clp14',
    number: row.id,
    section: row.section,
    strength: row.strength,
    audience: row.audience,
    kind: row.kind,
    how: row.how,
    versions: row.versions,
    networkEvidence: null,
  }
}

function fromEn303645(row: RawEn303645): Requirement {
  return {
    ...texts(row),
    ref: `en303645:${row.id}`,
    source: 'en303645',
    number: row.id,
    section: row.section,
    strength: row.modality,
    audience: row.applies_to,
    kind: 'evidence',
    how: row.network_evidence.how,
    versions: ['V2.1.1'],
    networkEvidence: row.network_evidence.level,
  }
}
