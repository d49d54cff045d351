import type { Operation } from '#platform/http/operation.ts'
import { operationList } from '#platform/http/schemas/operations.ts'

/** Every operation that a program may call, as Markdown. */
export function operationTable(): string {
  const own: readonly Operation['tag'][] = ['session', 'sign-in', 'self', 'demo']
  const rows = operationList
    .filter(({ tag, peopleOnly }) => !own.includes(tag) && peopleOnly !== true)
    .map(
      ({ id, method, path, permission, summary }) =>
        `| \`${id}\` | ${method} ${path} | ${permission} | ${summary.replaceAll('|', '\\|')} |`,
    )
  return ['| operation | | permission | |', '|---|---|---|---|', ...rows, ''].join('\n')
}
