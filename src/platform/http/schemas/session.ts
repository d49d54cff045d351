import { type Static, Type } from 'typebox'
import { permissions, roles } from '../../permission.ts'
import { defineOperation } from '../operation.ts'
import { Nullable, Time, Words } from './common.ts'

const roleNames = Object.keys(roles) as (keyof typeof roles)[]

const Person = Type.Object(
  { id: Type.String(), name: Type.String(), roles: Type.Array(Words(roleNames)), providerId: Nullable(Type.String()) },
  { title: 'Person' },
)

export const Session = Type.Object(
  {
    mode: Words(['demo', 'open'], { description: 'demo: loopback only, no sign-in; open: sign-in is needed' }),
    claimed: Type.Boolean({ description: 'False until the first person has claimed the installation by its one-time link' }),
    person: Nullable(Person),
    permissions: Type.Array(Words(permissions)),
    mustEnrol: Nullable(Words(['passkey'], { description: 'What the person has to add before anything else' })),
    installation: Type.Object({
      name: Type.String(),
      plmn: Type.String(),
      node: Type.String(),
      engine: Words(['pglite', 'postgresql']),
      version: Type.String(),
      startedAt: Time,
      language: Nullable(Words(['en', 'zh-Hans', 'ja'])),
    }),
    navigation: Type.Array(Type.Object({ id: Type.String(), path: Type.String() }), {
      description: 'Pages of the functions that run, in order',
    }),
    now: Time,
  },
  { title: 'Session' },
)
export type Session = Static<typeof Session>

export const sessionOperations = {
  getSession: defineOperation({
    id: 'getSession',
    method: 'GET',
    path: '/session',
    tag: 'session',
    summary: 'Who is signed in, what they may do, and which installation this is',
    permission: 'public',
    response: Session,
  }),
}
