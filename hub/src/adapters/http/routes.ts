import type { Scope } from '@ai-comms/shared'

/** Who may call a route: whoever has shown this scope, or everybody. */
type Access = Scope | 'public'

/** Every REST route: who may call it, by its pattern and method. HEAD is GET without the body, and asks for the same. */
const ROUTES: { readonly [pattern: string]: { readonly [method: string]: Access } } = {
  '/health': { GET: 'public' },
  '/ready': { GET: 'public' },
  '/agents': { GET: 'tasks:read' },
  '/task': { POST: 'tasks:write' },
  '/broadcast': { POST: 'tasks:write' },
  '/tasks': { GET: 'tasks:read', POST: 'tasks:write' },
  '/tasks/:id': { GET: 'tasks:read' },
  '/tasks/:id/events': { GET: 'tasks:read' },
  '/tasks/:id/cancel': { POST: 'tasks:write' },
}

/** A REST route as a caller finds it. */
export interface Route {
  readonly pattern: string
  /** The methods that it takes, as the header `Allow` names them. */
  readonly allow: string
}

const SHAPED_ROUTES = Object.entries(ROUTES).map(([pattern, methods]) => ({
  pattern,
  allow: [...Object.keys(methods).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : method)), 'OPTIONS'].join(
    ', ',
  ),
  shape: new RegExp(`^${pattern.replace(':id', '[^/]+')}$`),
}))

/** All REST routes. */
export const REST_ROUTES: readonly Route[] = SHAPED_ROUTES

const toPath = (url: string): string => {
  const [path = ''] = url.split('?')
  return path.length > 1 ? path.replace(/\/$/, '') : path
}

/** The route that a URL belongs to, whatever the method. */
export const findRoute = (url: string): Route | undefined => {
  const path = toPath(url)
  return SHAPED_ROUTES.find(({ shape }) => shape.test(path))
}

/**
 * The scope that a route asks for, by its pattern; undefined where nobody is
 * asked. A method that the table forgot is nobody's but the operator's.
 */
export const findNeededScope = (pattern: string, method: string): Scope | undefined => {
  if (method === 'OPTIONS' || !Object.hasOwn(ROUTES, pattern)) return undefined
  const access = ROUTES[pattern]?.[method === 'HEAD' ? 'GET' : method] ?? 'admin'
  return access === 'public' ? undefined : access
}
