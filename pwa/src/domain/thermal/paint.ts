/** Drawing the picture, its marks and the glass under the finger on a canvas. */
import type { Matrix, Place } from '@/media/radiometry/measure'

import type { Mark, Reading } from './marks'
import { type Look, painted } from './palette'

export function pictureOf(matrix: Matrix, look: Look): OffscreenCanvas {
  const picture = new OffscreenCanvas(matrix.width, matrix.height)
  picture.getContext('2d')?.putImageData(new ImageData(painted(matrix.celsius, look), matrix.width, matrix.height), 0, 0)
  return picture
}

/** The picture over the whole canvas, then the marks in screen pixels. */
export function draw(canvas: HTMLCanvasElement, picture: OffscreenCanvas, marks: readonly { mark: Mark; reading: Reading; chosen: boolean; text: string }[]): void {
  const ratio = window.devicePixelRatio || 1
  const { clientWidth: width, clientHeight: height } = canvas
  canvas.width = Math.round(width * ratio)
  canvas.height = Math.round(height * ratio)
  const pen = canvas.getContext('2d')
  if (!pen || width === 0) return
  pen.scale(ratio, ratio)
  pen.imageSmoothingQuality = 'high'
  pen.drawImage(picture, 0, 0, width, height)
  const scale = width / picture.width
  const place = (x: number, y: number): [number, number] => [(x + 0.5) * scale, (y + 0.5) * scale]
  for (const { mark, reading, chosen, text } of marks) {
    const ends = [mark.at.slice(0, 2), mark.at.slice(2)].filter((end) => end.length === 2).map(([x, y]) => place(x!, y!))
    for (const [color, line] of [['#000', chosen ? 6 : 4], [chosen ? '#fff' : '#e6ecea', chosen ? 2.5 : 1.5]] as const) {
      Object.assign(pen, { strokeStyle: color, lineWidth: line })
      pen.beginPath()
      outline(pen, mark, ends)
      if (reading.hot && mark.tool !== 'spot') cross(pen, place(reading.hot.x, reading.hot.y), 5)
      pen.stroke()
    }
    write(pen, text, ends[0]!, width, chosen)
  }
}

function outline(pen: CanvasRenderingContext2D, mark: Mark, ends: [number, number][]): void {
  const [[x0, y0], second] = ends as [[number, number], [number, number] | undefined]
  if (!second) {
    pen.arc(x0, y0, 9, 0, 2 * Math.PI)
    cross(pen, [x0, y0], 4)
    return
  }
  const [x1, y1] = second
  if (mark.tool === 'box') pen.rect(Math.min(x0, x1), Math.min(y0, y1), Math.abs(x1 - x0), Math.abs(y1 - y0))
  else {
    pen.moveTo(x0, y0)
    pen.lineTo(x1, y1)
  }
  for (const [x, y] of ends) {
    pen.moveTo(x + 6, y)
    pen.arc(x, y, 6, 0, 2 * Math.PI)
  }
}

function cross(pen: CanvasRenderingContext2D, [x, y]: [number, number], arm: number): void {
  pen.moveTo(x - arm, y)
  pen.lineTo(x + arm, y)
  pen.moveTo(x, y - arm)
  pen.lineTo(x, y + arm)
}

function write(pen: CanvasRenderingContext2D, text: string, [x, y]: [number, number], width: number, chosen: boolean): void {
  Object.assign(pen, { font: `${chosen ? 700 : 600} 14px system-ui, sans-serif`, strokeStyle: '#000', lineWidth: 4, lineJoin: 'round', fillStyle: '#fff', textBaseline: 'middle' })
  const long = pen.measureText(text).width
  const left = x + 14 + long > width ? x - 14 - long : x + 14
  const top = Math.max(y, 12)
  pen.strokeText(text, left, top)
  pen.fillText(text, left, top)
}

const GLASS_PIXELS = 15

/** The pixels around a place, much larger, with the middle one framed. */
export function magnify(glass: HTMLCanvasElement, picture: OffscreenCanvas, { x, y }: Place, pixels = GLASS_PIXELS): void {
  const ratio = window.devicePixelRatio || 1
  glass.width = glass.clientWidth * ratio
  glass.height = glass.clientHeight * ratio
  const pen = glass.getContext('2d')
  if (!pen) return
  const half = (pixels - 1) / 2
  pen.fillStyle = '#0e1416'
  pen.fillRect(0, 0, glass.width, glass.height)
  pen.imageSmoothingEnabled = false
  pen.drawImage(picture, x - half, y - half, pixels, pixels, 0, 0, glass.width, glass.height)
  const cell = glass.width / pixels
  for (const [color, line] of [['#000', 4], ['#fff', 2]] as const) {
    Object.assign(pen, { strokeStyle: color, lineWidth: line * ratio })
    pen.strokeRect(cell * half, (glass.height / pixels) * half, cell, glass.height / pixels)
  }
}
