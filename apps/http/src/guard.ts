/** Who may ask. A web page must never be able to, even one that got a name to point at this machine. */
import type { MiddlewareHandler } from 'hono'
import { Refusal } from './problem.js'
import type { Service, Surroundings } from './service.js'

/** Pages a person opens in a browser, which can send no bearer token: there the token may be given as the password. */
const FOR_BROWSERS = new Set(['/docs', '/openapi.json'])

/** What a browser says of a request that a page of ours, or the person in the address bar, made. */
const OWN_SITES = new Set(['same-origin', 'none'])

/** Checks in this order: Host, Origin, token. What comes over the unix socket, no browser can have sent. */
export function guard(service: Service): MiddlewareHandler<{ Bindings: Surroundings }> {
  return async (c, next) => {
    if (c.env?.via === 'socket') return next()
    if (!hostsIn(c.req.header('host'), c.req.url).every((host) => service.hosts.has(host))) throw new Refusal('forbidden', 'This Host is not served here.', { hint: 'Use the address that gobby serve printed.' })
    const origin = c.req.header('origin')
    if (origin !== undefined && !isOurs(origin, service.hosts)) throw new Refusal('forbidden', 'Requests of this Origin are refused.')
    const site = c.req.header('sec-fetch-site')
    if (site !== undefined && !OWN_SITES.has(site)) throw new Refusal('forbidden', 'Requests from other sites are refused.')
    if (c.req.path === '/healthz' && !service.exposed) return next()
    const given = tokenIn(c.req.header('authorization'), c.req.path)
    if (given !== undefined && service.token.matches(given)) return next()
    await service.failures.wait()
    throw new Refusal(
      'unauthorized',
      given === undefined ? 'The token is missing.' : 'The token is wrong.',
      { hint: 'Send the header Authorization: Bearer <token>; "gobby serve token" prints it.' },
      { 'www-authenticate': FOR_BROWSERS.has(c.req.path) ? 'Basic realm="gobby: the token is the password", Bearer' : 'Bearer realm="gobby"' },
    )
  }
}

/** The hosts that a request names: in its header, and in an address that is a whole URL, which counts before the header. */
function hostsIn(header: string | undefined, url: string): string[] {
  const [, inUrl = ''] = /^\w+:\/\/([^/?#]*)/.exec(url) ?? []
  return [header ?? inUrl, inUrl].map((host) => host.toLowerCase())
}

function isOurs(origin: string, hosts: Set<string>): boolean {
  return origin.startsWith('http://') && hosts.has(origin.slice('http://'.length).toLowerCase())
}

function tokenIn(header: string | undefined, path: string): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1]
  if (bearer !== undefined || !FOR_BROWSERS.has(path)) return bearer
  const basic = /^Basic +(\S+)$/i.exec(header ?? '')?.[1]
  return basic && Buffer.from(basic, 'base64').toString().split(':').slice(1).join(':')
}
