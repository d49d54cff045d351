import { operationTable } from './operation-table.ts'

/** `node src/cli/print-api.ts`: the table of operations in docs/api.md. */
process.stdout.write(operationTable())
