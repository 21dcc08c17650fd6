import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

import { en } from './locales/en'
import { words as english } from './locales/english'
import { zhCN } from './locales/zh-CN'

type Words = { [key: string]: string | Words }

const features = import.meta.glob<Words>(['../features/*/zh-CN.ts', '../desk/zh-CN.ts'], { eager: true, import: 'zhCN' })
const chinese: Words = {
  ...(zhCN as unknown as Words),
  ...late('zhCN'),
  ...Object.fromEntries(Object.entries(features).map(([path, words]) => [path.split('/').at(-2)!, words])),
}

/** Words that come with their pages. */
function late(language: 'zhCN' | 'en'): Words {
  const found = import.meta.glob<Record<string, Words>>(['../features/*/late/*.ts', '../domain/*/late/*.ts', '../desk/*/late/*.ts'], { eager: true })
  return Object.fromEntries(Object.entries(found).flatMap(([path, words]) => (words[language] ? [[path.split('/').at(-3)!, words[language]]] : [])))
}

function flat(words: Words, under = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(words)) {
    if (typeof value === 'string') found.set(under + key, value)
    else for (const [inner, text] of flat(value, `${under}${key}.`)) found.set(inner, text)
  }
  return found
}

const zh = flat(chinese)
const eng = flat({ ...english, ...late('en') })
const holes = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]))].sort()

function sources(): { path: string; text: string }[] {
  const root = fileURLToPath(new URL('..', import.meta.url))
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(vue|ts)$/.test(path) && !path.endsWith('.test.ts'))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

describe('words', () => {
  it('exist in both languages', () => {
    expect([...eng.keys()].sort()).toEqual([...zh.keys()].sort())
    expect(Object.keys(en)).toEqual(Object.keys(zhCN))
  })

  it('have the same gaps to fill in both languages', () => {
    const different = [...zh].filter(([key, text]) => holes(text).join() !== holes(eng.get(key) ?? '').join())
    expect(different.map(([key]) => key)).toEqual([])
  })

  it('exist for every key that a screen names', () => {
    const missing = sources().flatMap(({ path, text }) =>
      [...text.matchAll(/\bt\(\s*'([\w-]+\.[\w.-]*\w)'/g)].filter((match) => !zh.has(match[1]!)).map((match) => `${path}: ${match[1]}`),
    )
    expect(missing).toEqual([])
  })

  it('contain no Chinese in English but the name of the language', () => {
    const found = [...eng].filter(([, text]) => /[\u4e00-\u9fff]/.test(text))
    expect(found.map(([key]) => key).filter((key) => key !== 'me.language')).toEqual([])
  })
})
