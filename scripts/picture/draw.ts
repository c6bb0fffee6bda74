/** The picture of the house as SVG: a panel for each package, its rooms on floors, light and dark. */
import type { Import } from '../importGraph.ts'
import { type Layout, LINE_HEIGHT, layOut, type Placed, TITLE_HEIGHT } from './layout.ts'
import { ENTRY, housesOf } from './rooms.ts'

const MARGIN = 20
const PANEL_PADDING = 18
const PANEL_TITLE = 34
const PANEL_GAP = 46
/** Between the node and what stands beside it; room for a label. */
const SIDE_GAP = 120

const STYLE = `
  svg { font-family: ui-sans-serif, system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; }
  .page { fill: #ffffff; } .panel { fill: #f6f8fa; stroke: #d0d7de; } .room { fill: #ffffff; stroke: #8c959f; }
  .title { font-size: 15px; font-weight: 600; fill: #1f2328; } .note { font-size: 12px; fill: #59636e; }
  .name { font-size: 13px; font-weight: 600; fill: #0a3069; } .inner { font-size: 11px; fill: #424a53; }
  .arrow { fill: none; stroke: #818b98; stroke-width: 1.2; } .head { fill: #818b98; }
  .package { fill: none; stroke: #0969da; stroke-width: 2; } .packageHead { fill: #0969da; }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; } .panel { fill: #151b23; stroke: #3d444d; } .room { fill: #0d1117; stroke: #656c76; }
    .title { fill: #f0f6fc; } .note { fill: #9198a1; } .name { fill: #a5d6ff; } .inner { fill: #d1d7e0; }
    .arrow { stroke: #656c76; } .head { fill: #656c76; }
    .package { stroke: #4493f8; } .packageHead { fill: #4493f8; }
  }`

interface Panel {
  readonly name: string
  readonly note: string
  readonly layout: Layout
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export function drawHouse(imports: readonly Import[]): string {
  const vmUsers = roomsThatUse(imports, 'node', '@touchstone/vm')
  const devnet = panelOf(imports, 'devnet', 'the command, and networks of nodes')
  const node = panelOf(imports, 'node', 'one node of the chain', ['runtime'])
  const contracts = panelOf(imports, 'contracts', 'for authors of contracts')
  const vm = panelOf(imports, 'vm', 'pure: bytes in, outcome out')
  const right = MARGIN + node.width + SIDE_GAP
  const sideWidth = Math.max(contracts.width, vm.width)
  const width = Math.max(right + sideWidth, MARGIN + devnet.width) + MARGIN
  const middle = MARGIN + devnet.height + PANEL_GAP
  const bottom = Math.max(middle + node.height, middle + contracts.height + PANEL_GAP + vm.height)
  const panels = [
    { ...devnet, x: MARGIN, y: MARGIN, width: width - 2 * MARGIN },
    { ...node, x: MARGIN, y: middle, height: bottom - middle },
    { ...contracts, x: right, y: middle, width: sideWidth },
    { ...vm, x: right, y: bottom - vm.height, width: sideWidth },
  ] as const
  const noteY = bottom + 26
  const height = noteY + 34
  const nodeMiddle = MARGIN + Math.round(node.width / 2)
  const sideMiddle = right + Math.round(sideWidth / 2)
  const vmMiddle = bottom - Math.round(vm.height / 2)
  const arrows = [
    packageArrow(`M${nodeMiddle} ${middle - PANEL_GAP}V${middle - 9}`),
    packageArrow(`M${sideMiddle} ${middle - PANEL_GAP}V${middle - 9}`),
    packageArrow(`M${sideMiddle} ${middle + contracts.height}V${bottom - vm.height - 9}`),
    packageArrow(`M${MARGIN + node.width} ${vmMiddle}H${right - 9}`),
    text('note', right - SIDE_GAP / 2, vmMiddle - 10, `${vmUsers.join(', ')} only`, true),
  ]
  const notes = [
    'An arrow goes from a room to one that it imports; arrows that follow from others are left out. Small print: the rooms inside, by floors.',
    'runtime is what a machine offers: every room knows its types, entry points and workers hand in its values. Drawn by npm run picture.',
  ]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Packages, rooms and the directions of their imports">`,
    `<style>${STYLE}\n</style>`,
    `<defs>${marker('head', 7)}${marker('packageHead', 6)}</defs>`,
    `<rect class="page" width="${width}" height="${height}"/>`,
    ...panels.map(drawPanel),
    ...arrows,
    ...notes.map((note, index) => text('note', MARGIN, noteY + 18 * index, note)),
    '</svg>\n',
  ].join('\n')
}

function panelOf(imports: readonly Import[], name: string, note: string, aside: readonly string[] = []): Panel {
  const layout = layOut(housesOf(imports, name, aside))
  const title = (name.length + 13) * 9.6 + note.length * 6.8 + PANEL_PADDING
  return {
    name,
    note,
    layout,
    x: 0,
    y: 0,
    width: Math.round(Math.max(layout.width + 2 * PANEL_PADDING, title)),
    height: Math.round(layout.height + PANEL_TITLE + 2 * PANEL_PADDING),
  }
}

function drawPanel({ name, note, layout, x, y, width, height }: Panel): string {
  const dx = x + Math.round((width - layout.width) / 2)
  const dy = y + PANEL_TITLE + Math.round((height - PANEL_TITLE - layout.height) / 2)
  const title = `@touchstone/${name}`
  return [
    `<rect class="panel" x="${x}" y="${y}" width="${width}" height="${height}" rx="10"/>`,
    text('title', x + PANEL_PADDING, y + 25, title),
    text('note', x + PANEL_PADDING + title.length * 9.6 + 14, y + 25, note),
    `<g transform="translate(${dx} ${dy})">`,
    ...layout.arrows.map((points) => `<path class="arrow" marker-end="url(#head)" d="${curve(points)}"/>`),
    ...layout.rooms.map(drawRoom),
    '</g>',
  ].join('\n')
}

function drawRoom({ room, x, y, width, height }: Placed): string {
  const isEntry = room.name === ENTRY
  const first = y + (isEntry ? 16 : TITLE_HEIGHT + 9)
  const middle = x + width / 2
  return [
    `<rect class="room" x="${x}" y="${y}" width="${width}" height="${height}" rx="5"/>`,
    ...(isEntry ? [] : [text('name', middle, y + 17, room.name, true)]),
    ...room.floors.map((line, index) => text('inner', middle, first + index * LINE_HEIGHT, line, true)),
  ].join('\n')
}

/** Leaves and arrives upright. */
function curve(points: readonly (readonly [number, number])[]): string {
  const [[x, y] = [0, 0], ...rest] = points
  let path = `M${x} ${y}`
  let [lastX, lastY] = [x, y]
  rest.forEach(([toX, bottom], index) => {
    const toY = index === rest.length - 1 ? bottom - 6 : bottom
    const bend = (toY - lastY) / 2
    path += ` C${lastX} ${lastY + bend} ${toX} ${toY - bend} ${toX} ${toY}`
    ;[lastX, lastY] = [toX, toY]
  })
  return path
}

function packageArrow(path: string): string {
  return `<path class="package" marker-end="url(#packageHead)" d="${path}"/>`
}

function marker(name: string, size: number): string {
  return (
    `<marker id="${name}" viewBox="0 0 8 8" refX="2" refY="4" markerWidth="${size}" markerHeight="${size}" orient="auto">` +
    `<path class="${name}" d="M0 0L8 4L0 8z"/></marker>`
  )
}

function text(style: string, x: number, y: number, content: string, isCentered = false): string {
  const anchor = isCentered ? ' text-anchor="middle"' : ''
  return `<text class="${style}" x="${x}" y="${y}"${anchor}>${content}</text>`
}

function roomsThatUse(imports: readonly Import[], name: string, target: string): readonly string[] {
  const base = `${name}/src/`
  const users = imports.filter((one) => one.file.startsWith(base) && one.target === target)
  return [...new Set(users.map(({ file }) => file.slice(base.length).split('/')[0]!))].sort()
}
