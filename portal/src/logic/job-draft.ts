/** What a person fills in before a job is made; what it lacks is said here, so that it can be tested without a browser. */
export interface JobForm {
  kind: 'change' | 'csv' | 'import'
  from: 'filter' | 'ids' | 'file'
  change: ChangeKind
  /** Value of the change, where it has one. */
  value: string
  filter: string
  ids: readonly string[]
  hasFile: boolean
  reason: string
  supplier: string
  algorithm: 'MILENAGE' | 'TUAK'
  amf: string
  startSqn: string
}

export const changeKinds = ['suspend', 'activate', 'retire', 'profile', 'plan', 'class', 'label', 'hold', 'unhold', 'unlock'] as const
export type ChangeKind = (typeof changeKinds)[number]

/** Stands for no rate plan, where an empty choice means that none was made yet. */
export const noPlan = 'none'

export const classes = ['critical', 'standard', 'deferrable'] as const

/** Kinds of change that take a value. */
function takesValue(change: ChangeKind): boolean {
  return change === 'profile' || change === 'plan' || change === 'class' || change === 'label'
}

type Fault = 'reason' | 'file' | 'value' | 'supplier' | 'parameters'

export function formFault(form: JobForm): Fault | null {
  if (form.reason.trim().length < 3) return 'reason'
  if (form.kind === 'change' && takesValue(form.change) && form.change !== 'label' && form.value === '') return 'value'
  if ((form.kind !== 'change' || form.from === 'file') && !form.hasFile) return 'file'
  if (form.kind !== 'import') return null
  if (form.supplier.trim() === '') return 'supplier'
  return /^[0-9a-f]{4}$/i.test(form.amf) && /^\d{1,15}$/.test(form.startSqn) ? null : 'parameters'
}

export function changeBody({ change, value }: Pick<JobForm, 'change' | 'value'>) {
  switch (change) {
    case 'suspend':
      return { kind: 'state', to: 'suspended' } as const
    case 'activate':
      return { kind: 'state', to: 'active' } as const
    case 'retire':
      return { kind: 'state', to: 'retired' } as const
    case 'profile':
      return { kind: 'profile', profileId: value } as const
    case 'plan':
      return { kind: 'plan', planId: value === noPlan ? null : value } as const
    case 'class':
      return { kind: 'class', to: value as (typeof classes)[number] } as const
    case 'label':
      return { kind: 'label', label: value.trim() === '' ? null : value.trim() } as const
    case 'hold':
      return { kind: 'hold', held: true } as const
    case 'unhold':
      return { kind: 'hold', held: false } as const
    case 'unlock':
      return { kind: 'imei-lock', imei: null } as const
  }
}

export function jobBody(form: JobForm) {
  const reason = form.reason.trim()
  if (form.kind === 'csv') return { kind: 'csv', reason } as const
  if (form.kind === 'import') return { kind: 'import', reason, providerId: null, batch: batchBody(form) } as const
  const set = form.from === 'filter' ? { filter: form.filter } : form.from === 'ids' ? { ids: [...form.ids] } : {}
  return { kind: 'change', change: changeBody(form), reason, ...set } as const
}

function batchBody({ supplier, algorithm, amf, startSqn }: JobForm) {
  const tuak = { keyBits: 128, macBits: 64, resBits: 64, ckBits: 128, ikBits: 128, iterations: 1 } as const
  // TS 33.102 Annex C.3.2: 5 bits of IND, jumps of up to 2^28.
  const parameters = { algorithm, indBits: 5, delta: 268_435_456, ageLimit: 0, amf, startSqn, ...(algorithm === 'TUAK' ? { tuak } : {}) }
  return { supplier: supplier.trim(), accreditation: null, parameters }
}
