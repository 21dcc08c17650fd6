import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { project } from '@/domain/geo/earth'

import { PMTiles, tileId } from './pmtiles'
import { readTile } from './tile'

// Made by tests/support/basemap.py.
const FILE = new Uint8Array(readFileSync(new URL('../../../../tests/vectors/county.pmtiles', import.meta.url)))
const read = async (offset: number, length: number) => FILE.subarray(offset, offset + length)
const AT = project({ lat: 36.3502, lon: 114.2003 })
const tileAt = (z: number) => [z, Math.floor(AT.x * 2 ** z), Math.floor(AT.y * 2 ** z)] as const

describe('a PMTiles file', () => {
  it('numbers tiles as its specification does', () => {
    expect([tileId(0, 0, 0), tileId(1, 0, 0), tileId(1, 0, 1), tileId(1, 1, 1), tileId(1, 1, 0), tileId(2, 0, 0)]).toEqual([0, 1, 2, 3, 4, 5])
    expect(tileId(12, 3423, 1763)).toBe(19_078_479)
  })
  it('gives a tile, and nothing where it has none', async () => {
    const map = await PMTiles.open(read)
    expect([map.minZoom, map.maxZoom]).toEqual([12, 14])
    const tile = readTile((await map.tile(...tileAt(14)))!, () => true)
    expect([...tile.keys()].sort()).toEqual(['buildings', 'landuse', 'places', 'roads', 'water'])
    const town = tile.get('places')!.features.find(({ values }) => values.kind_detail === 'town')!
    expect(town).toMatchObject({ type: 'point', values: { name: '青山镇', 'name:en': 'Qingshan' } })
    const [, x, y] = tileAt(14)
    const there = project({ lat: 36.3502 + 0.006, lon: 114.2003 + 0.01 })
    expect(town.parts[0]![0]).toBeCloseTo((there.x * 2 ** 14 - x) * 4096, -1)
    expect(town.parts[0]![1]).toBeCloseTo((there.y * 2 ** 14 - y) * 4096, -1)
    expect(tile.get('buildings')!.features[0]!.parts[0]).toHaveLength(8)
    expect(await map.tile(14, 0, 0)).toBeUndefined()
    expect(await map.tile(3, 0, 0)).toBeUndefined()
    expect(await map.first()).toBeDefined()
  })
  it('of another kind, or cut short, is refused', async () => {
    await expect(PMTiles.open(async () => new Uint8Array(127))).rejects.toThrow('PMTiles')
    const cut = FILE.subarray(0, 140)
    const map = await PMTiles.open(async (offset, length) => cut.subarray(offset, offset + length))
    await expect(map.first()).rejects.toThrow()
    const tile = (await (await PMTiles.open(read)).first())!
    expect(() => readTile(tile.subarray(0, tile.length - 3), () => true)).toThrow()
  })
})
