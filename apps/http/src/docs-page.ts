/** The reference as one page: made of the document, without scripts, and with nothing from elsewhere. */
import { createHash } from 'node:crypto'
import type { OpenApi, OpenApiCall } from './openapi.js'

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 0 auto; padding: 1rem }
code, pre { font: 0.875em ui-monospace, monospace }
pre { overflow: auto; padding: 0.75rem; border: 1px solid color-mix(in srgb, currentColor 20%, transparent); border-radius: 0.5rem }
details { margin: 0.5rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent) }
summary { cursor: pointer; padding: 0.25rem 0 }
summary b { display: inline-block; min-width: 4.5rem }
table { border-collapse: collapse; width: 100% }
td, th { text-align: left; vertical-align: top; padding: 0.25rem 1rem 0.25rem 0 }
`

/** The page and the headers it is sent with. */
export function docsPage(document: OpenApi): { html: string; headers: Record<string, string> } {
  const { info, tags, paths } = document
  const calls = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, call]) => ({ path, method, call })))
  const groups = tags
    .map(({ name, description }) => ({ name, description, calls: calls.filter(({ call }) => call.tags.includes(name)) }))
    .filter((group) => group.calls.length > 0)
  const body = groups.map((group) => `<h2 id="${escaped(group.name)}">${escaped(group.name)}</h2><p>${escaped(group.description)}</p>${group.calls.map((each) => section(each, document)).join('')}`)
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(info.title)} ${escaped(info.version)}</title><style>${STYLE}</style></head>
<body><h1>${escaped(info.title)} ${escaped(info.version)}</h1><p>${escaped(info.description)}</p>
<p>For programs: <a href="/openapi.json">openapi.json</a>. A session is given as <code>3</code>, <code>project~3</code>, an id or its beginning.</p>
${body.join('\n')}
</body></html>`
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
  return {
    html,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    },
  }
}

type Shown = { name?: unknown; in?: unknown; required?: unknown; description?: unknown; $ref?: unknown }

function section({ path, method, call }: { path: string; method: string; call: OpenApiCall }, document: OpenApi): string {
  const parameters = (call.parameters as Shown[]).map((each) => (typeof each.$ref === 'string' ? (lookUp(each.$ref, document) as Shown) : each))
  const rows = parameters.map((each) => `<tr><td><code>${text(each.name)}</code></td><td>${text(each.in)}${each.required === true ? ', required' : ''}</td><td>${text(each.description)}</td></tr>`)
  const body = call.requestBody && bodySchema(call.requestBody)
  const answer = bodySchema(call.responses['200'] ?? {})
  return `<details><summary><b>${escaped(method.toUpperCase())}</b> <code>${escaped(path)}</code> ${escaped(call.summary)}</summary>
<p>${escaped(call.description)}</p>
${rows.length > 0 ? `<table>${rows.join('')}</table>` : ''}
${body === undefined ? '' : `<p>Body</p><pre>${pretty(body)}</pre>`}
${answer === undefined ? '' : `<p>Answer</p><pre>${pretty(resolved(answer, document))}</pre>`}
</details>`
}

function bodySchema(holder: Record<string, unknown>): unknown {
  const content = (holder.content ?? {}) as Record<string, { schema?: unknown }>
  return content['application/json']?.schema
}

function resolved(schema: unknown, document: OpenApi): unknown {
  const { $ref } = schema as { $ref?: string }
  return $ref === undefined ? schema : lookUp($ref, document)
}

function lookUp(ref: string, document: OpenApi): unknown {
  return ref
    .slice(2)
    .split('/')
    .reduce((at: unknown, step) => (at as Record<string, unknown>)[step], document)
}

const text = (value: unknown): string => escaped(typeof value === 'string' ? value : '')

const pretty = (value: unknown): string => escaped(JSON.stringify(value, null, 2))

function escaped(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
