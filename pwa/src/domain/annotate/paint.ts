/** Draws marks onto a canvas that already holds the picture. */
import { area, fields, headOf, type Shape, type Size } from './shapes'

const RED = '#e3131d'
const HALO = '#ffffff'

/** `scale`: pixels of the canvas for one of the copy. Blurred areas first: nothing that is drawn over them is lost. */
export function paintMarks(pen: CanvasRenderingContext2D, shapes: readonly Shape[], size: Size, scale = 1): void {
  for (const shape of shapes) if (shape.tool === 'blur') blur(pen, shape, size, scale)
  const unit = Math.max(size.width, size.height) * scale
  for (const shape of shapes) {
    if (shape.tool === 'blur') continue
    const at = shape.at.map((value) => value * scale) as unknown as Shape['at']
    if (shape.tool === 'text') write(pen, shape.text ?? '', at, unit)
    else {
      trace(pen, { ...shape, at }, unit)
      pen.lineCap = pen.lineJoin = 'round'
      stroke(pen, unit)
    }
  }
}

function trace(pen: CanvasRenderingContext2D, { tool, at }: Shape, unit: number): void {
  const [x1, y1, x2, y2] = at
  pen.beginPath()
  if (tool === 'box') return pen.rect(Math.min(x1, x2), Math.min(y1, y2), Math.abs(x2 - x1), Math.abs(y2 - y1))
  const [a, b] = headOf(at, Math.min(unit / 28, Math.hypot(x2 - x1, y2 - y1) / 2))
  pen.moveTo(x1, y1)
  pen.lineTo(x2, y2)
  pen.moveTo(...a)
  pen.lineTo(x2, y2)
  pen.lineTo(...b)
}

function stroke(pen: CanvasRenderingContext2D, unit: number): void {
  pen.strokeStyle = HALO
  pen.lineWidth = unit / 100
  pen.stroke()
  pen.strokeStyle = RED
  pen.lineWidth = unit / 180
  pen.stroke()
}

function write(pen: CanvasRenderingContext2D, text: string, [x, y]: Shape['at'], unit: number): void {
  pen.font = `600 ${unit / 26}px system-ui, 'PingFang SC', 'Noto Sans CJK SC', sans-serif`
  pen.textBaseline = 'middle'
  pen.lineJoin = 'round'
  pen.strokeStyle = HALO
  pen.lineWidth = unit / 120
  const left = Math.max(unit / 100, Math.min(x, pen.canvas.width - pen.measureText(text).width - unit / 100))
  pen.strokeText(text, left, y)
  pen.fillStyle = RED
  pen.fillText(text, left, y)
}

/** What lies under it is put together into a few fields of one colour each: it cannot be told from them again. */
function blur(pen: CanvasRenderingContext2D, shape: Shape, size: Size, scale: number): void {
  const { x, y, w, h } = area(shape, size)
  if (w < 1 || h < 1) return
  const { across, down } = fields(w, h)
  const small = new OffscreenCanvas(across, down)
  const few = small.getContext('2d')!
  few.imageSmoothingQuality = 'high'
  few.drawImage(pen.canvas, x * scale, y * scale, w * scale, h * scale, 0, 0, across, down)
  pen.imageSmoothingEnabled = false
  pen.drawImage(small, 0, 0, across, down, x * scale, y * scale, w * scale, h * scale)
  pen.imageSmoothingEnabled = true
}
