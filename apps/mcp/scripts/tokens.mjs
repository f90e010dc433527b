// Prints what the list of tools costs a model: characters / 4, and tokens of o200k (the tokenizer of one of the clients' models).
import { measureTokens } from './measure-tokens.mjs'

for (const { discovery, registries, tools, characters, quarter, tokens } of measureTokens()) {
  process.stdout.write(`${discovery.padEnd(12)} ${registries.join(',').padEnd(32)} ${String(tools).padStart(3)} tools  ${String(characters).padStart(6)} characters  ${String(quarter).padStart(5)} by characters / 4  ${String(tokens).padStart(5)} by o200k\n`)
}
