import { cpuMs } from '@gobby/testing'
import fc from '@gobby/testing/property'
import { describe, expect, test } from 'vitest'
import { maskContext, maskSecrets } from '../src/handoff/mask-secrets.js'

// Put together here, so that no scanner of a repository takes this file for a leak.
const alnum = (length: number): string => 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2w3X4y5Z6'.repeat(8).slice(0, length)
const hex = (length: number): string => '3fa91c2b7d8e4f60a5'.repeat(9).slice(0, length)
const pem = (body: string): string => `-----BEGIN RSA ${'PRIVATE'} KEY-----${body}-----END RSA ${'PRIVATE'} KEY-----`

const formats: [kind: string, secret: string][] = [
  ['github token', `ghp_${alnum(36)}`],
  ['github token', `github_pat_${alnum(22)}_${alnum(59)}`],
  ['github token', `ghs_${alnum(40)}.${alnum(120)}.${alnum(43)}`],
  ['gitlab token', `glpat-${alnum(20)}`],
  ['openai key', `sk-${alnum(20)}T3BlbkFJ${alnum(20)}`],
  ['openai key', `sk-proj-${alnum(40)}_${alnum(30)}`],
  ['anthropic key', `sk-ant-api03-${alnum(90)}-AA`],
  ['openrouter key', `sk-or-v1-${hex(64)}`],
  ['aws key', 'AKIAQYLPMN5HHHFPZAM2'],
  ['google key', `AIza${alnum(35)}`],
  ['google key', `GOCSPX-${alnum(28)}`],
  ['slack token', `xoxb-1234567890-1234567890123-${alnum(24)}`],
  ['slack webhook', `https://hooks.slack.com/services/T01234567/B01234567/${alnum(24)}`],
  ['stripe key', `sk_live_${alnum(24)}`],
  ['npm token', `npm_${alnum(36)}`],
  ['pypi token', `pypi-AgEIcHlwaS5vcmc${alnum(60)}`],
  ['jwt', `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.${alnum(43)}`],
  ['private key', pem(`\n${`${alnum(64)}\n`.repeat(4)}Zg==\n`)],
  ['private key', pem(`\\n${`${alnum(64)}\\n`.repeat(4)}`)],
  ['private key', pem('\n').split('\n')[0] + `\n${alnum(64)}\n${alnum(20)}`],
  ['azure key', `abc8Q~${alnum(34)}`],
  ['sendgrid key', `SG.${alnum(22)}.${alnum(43)}`],
  ['telegram token', `123456789:AA${alnum(33)}`],
  ['discord token', `MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.${alnum(38)}`],
  ['discord webhook', `https://discord.com/api/webhooks/123456789012345678/${alnum(68)}`],
  ['huggingface token', `hf_${alnum(34)}`],
  ['digitalocean token', `dop_v1_${hex(64)}`],
  ['vault token', `hvs.${alnum(24)}`],
  ['shopify token', `shpat_${hex(32)}`],
  ['notion token', `ntn_${alnum(46)}`],
]

test.each(formats)('%s', (kind, secret) => {
  for (const [before, after] of [['use ', ' now'], ['"', '"'], ['line\\n', ', next'], ['(', ')'], ['', ''], ['x=', '\n'], ['`', '`']]) {
    expect(maskSecrets(`${before}${secret}${after}`)).toEqual({ text: `${before}[masked: ${kind}]${after}`, masked: 1 })
  }
})

test.each([
  ['password=hunter2secret9X', 'password=[masked: password]'],
  ['password = "hunter2"', 'password = "[masked: password]"'],
  ['DB_PASSWORD=correcthorse', 'DB_PASSWORD=[masked: password]'],
  ['export PGPASSWORD=\'s3cr&t pw\'', 'export PGPASSWORD=\'s3cr&t pw\''],
  ['password=xK9mQ2vL7pR4', 'password=[masked: password]'],
  ['  password: xK9#mQ2$vL7p', '  password: [masked: password]'],
  [`API_KEY: ${alnum(32)}`, 'API_KEY: [masked: key]'],
  [`OPENAI_KEY=${hex(32)}`, 'OPENAI_KEY=[masked: key]'],
  [`token = "${alnum(24)}"`, 'token = "[masked: token]"'],
  [`{\\"access_token\\": \\"${alnum(24)}\\"}`, '{\\"access_token\\": \\"[masked: token]\\"}'],
  [`AWS_SECRET_ACCESS_KEY=${alnum(20)}/+${alnum(18)}`, 'AWS_SECRET_ACCESS_KEY=[masked: key]'],
  [`clientSecret: '${alnum(30)}',`, 'clientSecret: \'[masked: secret]\','],
  [`deploy --token ${alnum(24)} --now`, 'deploy --token [masked: token] --now'],
  [`https://a.test/?api_key=${alnum(24)}&page=2`, 'https://a.test/?api_key=[masked: key]&page=2'],
  [`//packages.example.com/:_authToken=${alnum(36)}`, '//packages.example.com/:_authToken=[masked: token]'],
  ['postgres://app:s3cr3t!pw@db.test:5432/app', 'postgres://app:[masked: password]@db.test:5432/app'],
  [`Authorization: Bearer ${alnum(40)}`, 'Authorization: Bearer [masked: bearer token]'],
  ['Authorization: Basic dXNlcjpwYXNzd29yZDEyMw==', 'Authorization: Basic [masked: bearer token]'],
  ['curl -s -u ida:lamp12 https://a.test', 'curl -s -u ida:[masked: password] https://a.test'],
  ['machine a.test login ida password lamp12', 'machine a.test login ida password [masked: password]'],
  [`DefaultEndpointsProtocol=https;AccountKey=${alnum(86)}==;`, 'DefaultEndpointsProtocol=https;AccountKey=[masked: azure key];'],
])('given by name: %s', (text, expected) => {
  expect(maskSecrets(text).text).toBe(expected)
})

describe('what is no secret', () => {
  test.each([
    hex(40), hex(64), `commit ${hex(40)}`, '3fa91c2', `sha256:${hex(64)}`, `sha512-${alnum(86)}==`, 'session 01234567-89ab-cdef-0123-456789abcdef', 'token: 01234567-89ab-cdef-0123-456789abcdef',
    '/home/ida/code/lamp/src/token.ts', 'src/password-reset/index.ts', 'const token = await fetchToken(id)', 'token: string', 'password: z.string().min(8)', 'password = form.password.value',
    'const password = process.env.DB_PASSWORD2', 'token = tokens[index1]', 'apiKey: config.apiKey', 'secret: secretFromEnv1', 'password: "Password"', 'autocomplete="current-password"', 'password="current-password"',
    'max_tokens: 4096', 'input_tokens=12345678', 'tokenizer=bert-base-uncased1', 'PWD=/home/ida/lamp1', 'OLDPWD=/tmp/x9', 'password=$DB_PASSWORD', 'password=${PASSWORD1}', 'token: <your-token-1>', 'API_KEY=your-api-key-1234', 'token=REDACTED', 'api_key: "[REDACTED_1]"', 'secret=xxxxxxxxxxxx', 'password=********',
    'cache_key: 3fa91c2b7d8e4f60', 'primary_key=user_id_2024', 'Basic authentication-required', 'bearer of bad-news-2024-11', 'a sk-learn pipeline', 'task-management-for-everybody-2024', '.sk-loading-spinner-container-16', 'hf_model_for_testing_purposes_2024', 'npm_config_registry', 'http://localhost:4873/@scope/pkg', 'git@github.com:ida/lamp.git', 'https://a.test:8080/x@y', 'docker run -u 1000:1000 lamp',
    'grep -n "-----BEGIN PRIVATE KEY-----" src', 'if (line.startsWith(\'-----BEGIN RSA PRIVATE KEY-----\')) stop()', 'token=getToken1(abc)', 'const secret = crypto.randomBytes(32)', 'password reset works', 'the password: it is on the desk', 'tokens: 12,345', 'Token usage: 12345', 'nextPageToken: undefined', 'key: value', 'compass: north-east-2024a', 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk',
  ])('%s', (text) => {
    expect(maskSecrets(text)).toEqual({ text, masked: 0 })
  })
})

test('a secret counts once, wherever it stands; others count beside it', () => {
  const [one, other] = [`ghp_${alnum(36)}`, `npm_${alnum(36)}`]
  expect(maskSecrets(`${one} ${one} GITHUB_TOKEN=${one} ${other}`)).toEqual({ text: '[masked: github token] [masked: github token] GITHUB_TOKEN=[masked: github token] [masked: npm token]', masked: 2 })
})

test('a context is masked in every text it has', () => {
  const secret = `ghp_${alnum(36)}`
  const context = {
    initial_goal: `use ${secret}`, latest_request: secret, active_task: { id: 'gt-1', ref: null, title: secret, status: 'open' },
    todos: [{ content: secret, status: 'pending' as const }], files_modified: [`a/${secret}`], files: [{ path: `a/${secret}`, change: 'added' as const, by: 'session' as const }],
    git_commits: [{ hash: hex(40), message: `add ${secret}`, timestamp: '2026-03-01T10:00:00.000Z' }], git_status: `?? ${secret}`, commands: [{ command: `curl ${secret}`, exit_status: 0 }],
    open_problems: [secret], recent_activity: [secret], notes: `and npm_${alnum(36)}`,
  }
  const before = structuredClone(context)
  const { context: clean, masked } = maskContext(context)
  expect(masked).toBe(2)
  expect(JSON.stringify(clean)).not.toContain(secret)
  expect(clean).toMatchObject({ initial_goal: 'use [masked: github token]', git_commits: [{ hash: hex(40), timestamp: '2026-03-01T10:00:00.000Z' }], commands: [{ exit_status: 0 }] })
  expect(context).toEqual(before)
  expect(maskContext(clean)).toEqual({ context: clean, masked: 0 })
})

test('masking what is masked changes nothing', () => {
  const pieces = [...formats.map(([, secret]) => secret), alnum(30), hex(20), 'password=', 'TOKEN=', '"apiKey": "', '--token ', 'Bearer ', 'https://a:', '@host', '\n', ' ', '"', '[masked: ', ']', '.', '-', '_', ':', '=']
  fc.assert(fc.property(fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 12 })), { maxLength: 12 }), (parts) => {
    const { text } = maskSecrets(parts.join(''))
    expect(maskSecrets(text)).toEqual({ text, masked: 0 })
  }), { numRuns: 300 })
})

test('takes no time that grows faster than the text', () => {
  for (const part of ['a', 'a-', 'password', 'password=', 'eyJ', 'eyJaaaaaaaaaaaa.', 'curl -u ', '-----BEGIN PRIVATE KEY-----', '-----BEGIN PRIVATE KEY-----\nAAAAAAAAAAAAAAAA', 'http://a:', 'a.b.', '"token": "', 'A1b2', '\\n']) {
    expect(cpuMs(() => maskSecrets(part.repeat(Math.ceil(60_000 / part.length)))), part).toBeLessThan(500)
  }
})
