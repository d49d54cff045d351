import { parentPort, workerData } from 'node:worker_threads'
import { computeWithoutControl } from '#sim/naive-hss.ts'
import type { ComputeStart } from './computed.ts'

const { outage, seed } = workerData as ComputeStart
parentPort?.postMessage(computeWithoutControl(outage, seed))
