/** Draws the PNG icons from the SVG ones with the system's Chromium, in 64 colours (Pillow); run by hand when an icon changes. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../public', import.meta.url))
const chromium = process.env.CHROME_PATH ?? 'chromium'
const work = mkdtempSync(join(tmpdir(), 'icons-'))

for (const [source, size, target] of [
  ['icon.svg', 192, 'icon-192.png'],
  ['icon.svg', 512, 'icon-512.png'],
  ['icon-maskable.svg', 512, 'icon-maskable-512.png'],
  ['icon-maskable.svg', 180, 'icon-180.png'],
]) {
  const svg = readFileSync(join(folder, source), 'utf8').replace('<svg ', `<svg width="${size}" height="${size}" `)
  const page = join(work, 'icon.html')
  writeFileSync(page, `<style>*{margin:0;padding:0}svg{display:block}</style>${svg}`)
  execFileSync(chromium, [
    '--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--default-background-color=00000000', '--force-device-scale-factor=1',
    `--window-size=${size},${size}`, `--screenshot=${join(folder, target)}`, `file://${page}`,
  ], { stdio: 'ignore' })
  execFileSync('python3', ['-c', 'import sys; from PIL import Image; f = sys.argv[1]; Image.open(f).convert("RGBA").quantize(64, 2).save(f, optimize=True)', join(folder, target)])
}
rmSync(work, { recursive: true })
