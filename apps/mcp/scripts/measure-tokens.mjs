// The JSON of tools/list, as the server gives it, counted in two ways. The server must be built.
import { Tiktoken } from 'js-tiktoken/lite'
import o200k from 'js-tiktoken/ranks/o200k_base'
import { registryNames } from '../dist/registry-names.js'
import { listed } from '../dist/serve-tools.js'

export function measureTokens() {
  const tokenizer = new Tiktoken(o200k)
  const lists = [
    { discovery: 'direct', registries: ['gobby-sessions'] },
    { discovery: 'direct', registries: [...registryNames] },
    { discovery: 'progressive', registries: [...registryNames] },
  ]
  return lists.map((shown) => {
    const tools = listed(shown)
    const text = JSON.stringify(tools)
    return { ...shown, tools: tools.length, characters: text.length, quarter: Math.ceil(text.length / 4), tokens: tokenizer.encode(text).length }
  })
}
