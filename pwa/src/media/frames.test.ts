import { expect, test } from 'vitest'

import type { PhotoRef } from '@/api/kinds'

import { besideCopies, withoutPhoto, withPhoto } from './frames'

const photo = (role: string, sha256: string): PhotoRef => ({ role, sha256, size: 1, type: 'image/jpeg', taken_at: '2026-11-26T00:00:00Z' })
const names = (photos: PhotoRef[]) => photos.map(({ role, sha256 }) => `${role} ${sha256}`)

test('a role of one photo takes the new one in place of the old, others are left alone', () => {
  expect(names(withPhoto([photo('overall', 'a'), photo('close_up', 'b')], photo('overall', 'c'), false))).toEqual(['close_up b', 'overall c'])
})

test('a role of several takes it beside the others, the same picture once', () => {
  const two = [photo('evidence', 'a'), photo('evidence', 'b')]
  expect(names(withPhoto(two, photo('evidence', 'c'), true))).toEqual(['evidence a', 'evidence b', 'evidence c'])
  expect(names(withPhoto(two, photo('evidence', 'a'), true))).toEqual(['evidence b', 'evidence a'])
})

test('what was handed in stays, and is not taken twice', () => {
  const handedIn = [photo('overall', 'a')]
  expect(names(withPhoto(handedIn, photo('overall', 'b'), false, new Set('a')))).toEqual(['overall a', 'overall b'])
  expect(names(withPhoto(handedIn, photo('overall', 'a'), false, new Set('a')))).toEqual(['overall a'])
  expect(names(withPhoto(handedIn, photo('close_up', 'a'), false, new Set('a')))).toEqual(['overall a', 'close_up a'])
})

test('a marked copy stands after its original and goes with it, unless it was handed in', () => {
  const copy = (of: string, sha256: string) => ({ ...photo('annotated', sha256), copy_of: of })
  const all = [photo('overall', 'a'), photo('close_up', 'b'), copy('a', 'c'), copy('a', 'd'), copy('b', 'e')]
  expect(names(besideCopies(all, 'overall'))).toEqual(['overall a', 'annotated c', 'annotated d'])
  expect(names(besideCopies(all))).toEqual(['overall a', 'annotated c', 'annotated d', 'close_up b', 'annotated e'])
  expect(names(withoutPhoto(all, all[0]!))).toEqual(['close_up b', 'annotated e'])
  expect(names(withoutPhoto(all, all[2]!))).toEqual(['overall a', 'close_up b', 'annotated d', 'annotated e'])
  expect(names(withPhoto(all, photo('overall', 'f'), false))).toEqual(['close_up b', 'annotated e', 'overall f'])
  expect(names(withPhoto(all, copy('b', 'g'), true))).toEqual(['overall a', 'close_up b', 'annotated c', 'annotated d', 'annotated e', 'annotated g'])
  expect(names(withPhoto([photo('overall', 'a'), copy('a', 'c')], photo('overall', 'f'), false, new Set('ac')))).toEqual(['overall a', 'annotated c', 'overall f'])
})
