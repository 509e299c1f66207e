// Answers a batch of requests by an evaluator that is independent of this package.
// node oracle.mjs CASES ANSWERS: JSON, an array of simulations; an array of the results, in order.
import { readFileSync, writeFileSync } from 'node:fs'
import { runSimulation } from '@cloud-copilot/iam-simulate'

const [cases, answers] = process.argv.slice(2)
const results = []
for (const simulation of JSON.parse(readFileSync(cases, 'utf8'))) {
  const answer = await runSimulation(simulation, {})
  const ignored = answer.result?.ignoredContextKeys ?? []
  const usable = answer.resultType === 'single' && ignored.length === 0
  results.push(usable ? answer.overallResult : `refused: ${JSON.stringify(answer.errors ?? ignored)}`)
}
writeFileSync(answers, JSON.stringify(results))
