import { mkdirSync, writeFileSync, rmSync } from 'node:fs'
import { test } from 'vitest'
import { createContext } from '../src/context.ts'
import { sync } from '../src/sync.ts'
import { analysisOf } from '../src/handoff.ts'
import { createHandoff, getHandoffContext } from '../src/operations/index.ts'
import { call } from '../src/operation.ts'
test('dump', async () => {
  const home = '/tmp/hc/home'; rmSync(home,{recursive:true,force:true}); mkdirSync(home,{recursive:true}); rmSync('/tmp/hc/out',{recursive:true,force:true}); mkdirSync('/tmp/hc/out',{recursive:true})
  const ctx = await createContext({ cwd: home, env: { HOME: home, GOBBY_HOME: home+'/.gobby' } })
  const rep = await sync(ctx, { paths: ['claude-code','codex','gemini'].map(n=>'/work/shared/transcripts/'+n) })
  writeFileSync('/tmp/hc/report.json', JSON.stringify(rep,null,1))
  const page = await ctx.store.sessions.list({ include_subagents: true, include_empty: true } as any, 1000) as any
  const sessions = page.sessions ?? page.items ?? page
  const all:any[]=[]
  for (const s of sessions) {
    const t0=performance.now()
    const a = await analysisOf(ctx, s)
    const ms=performance.now()-t0
    all.push({ s, a, ms })
    let md='', err=''
    try { await call(createHandoff as any, ctx, { session_id: s.id } as any); md=((await call(getHandoffContext as any, ctx, {session_id:s.id} as any)) as any).compact_markdown } catch(e){ err=String(e) }
    writeFileSync(`/tmp/hc/out/${s.source}-${s.external_id}.md`, `<!-- ${s.transcript_path} ${s.cwd} ${s.message_count} -->\n${md}\n${err}`)
  }
  writeFileSync('/tmp/hc/all.json', JSON.stringify(all))
  await ctx.close()
}, 300000)
