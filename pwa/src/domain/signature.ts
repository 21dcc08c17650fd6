/** A signature as an SVG path in whole units of a field. Pure. */

export const FIELD = { width: 1000, height: 600 } as const
/** What the server takes, characters. */
export const MOST = 16_384
/** Points nearer than this to the last one say nothing new. */
const STEP = 5

export type Point = readonly [number, number]
export type Stroke = readonly Point[]

/** A place in the field, from parts of its sides. */
export function pointAt(across: number, down: number): Point {
  const within = (part: number, most: number) => Math.round(Math.min(Math.max(part, 0), 1) * most)
  return [within(across, FIELD.width), within(down, FIELD.height)]
}

/** The stroke with one more point, or the same when it is too near the last. */
export function longer(stroke: Stroke, point: Point): Stroke {
  const last = stroke.at(-1)
  return last && Math.hypot(point[0] - last[0], point[1] - last[1]) < STEP ? stroke : [...stroke, point]
}

/** The path; a stroke of one point is a dot, drawn as a line of one unit. */
export function pathOf(strokes: readonly Stroke[]): string {
  return strokes
    .filter((stroke) => stroke.length > 0)
    .map((stroke) => {
      const [first, ...rest] = stroke as [Point, ...Point[]]
      const dot: Point = [Math.min(first[0] + 1, FIELD.width), first[1]]
      return `M${first.join(' ')}${(rest.length > 0 ? rest : [dot]).map((point) => `L${point.join(' ')}`).join('')}`
    })
    .join('')
}

/** Whether it is more than a dot by mistake: strokes of a fifth of the field's width together. */
export function says(strokes: readonly Stroke[]): boolean {
  const length = strokes.reduce((sum, stroke) => sum + stroke.reduce((part, point, i) => (i === 0 ? 0 : part + Math.hypot(point[0] - stroke[i - 1]![0], point[1] - stroke[i - 1]![1])), 0), 0)
  return length >= FIELD.width / 5
}
