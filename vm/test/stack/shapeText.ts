/**
 * A shape as a module. `run(limit)` recurses until `limit` frames of `$f` are there; the exported global `depth` says how
 * many have been entered. Every part takes an i32 on the operand stack and leaves one, so that nothing is dead.
 */
import type { Piece, Shape, Term } from './shape.ts'

const repeat = (count: number, part: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => part(i)).join('\n')

/** The value of term `i` of the i32 that `x` pushes. */
function value(term: Term, x: string, i: number): string {
  const odd = 2 * i + 3
  switch (term) {
    case 'add':
      return `${x} i32.const ${i + 1} i32.add`
    case 'mul':
      return `${x} i32.const ${odd * 2 + 1} i32.mul`
    case 'unary':
      // Each is made of the one before it, so that there is one instruction for each value.
      return `local.get $t ${['i32.popcnt', 'i32.clz', 'i32.ctz', 'i32.extend8_s', 'i32.extend16_s', 'i32.eqz'][i % 6]} local.tee $t`
    case 'i64':
      return `${x} i64.extend_i32_u i64.const ${odd * 1_000_003} i64.mul local.tee $w i32.wrap_i64 local.get $w i64.const 40 i64.shr_u i32.wrap_i64 i32.add`
    case 'div':
      return `${x} i32.const ${odd} i32.div_s`
    case 'rem':
      return `${x} i32.const ${odd} i32.rem_u`
    case 'div64':
      return `${x} i64.extend_i32_s i64.const ${odd} ${i % 2 === 0 ? 'i64.div_s' : 'i64.rem_u'} i32.wrap_i64`
    case 'select':
      return `${x} i32.const ${i} ${x} i32.const ${odd} i32.lt_u select`
    case 'load':
      return `${x} i32.const ${i} i32.add i32.const 65535 i32.and i32.load8_u offset=${i * 8}`
    case 'store':
      return `${x} i32.const ${i} i32.xor i32.const 4095 i32.and local.tee $t local.get $t i32.store offset=${i * 4} local.get $t`
    case 'compare':
      return `${x} i32.const ${i} i32.lt_u`
  }
}

const terms = (term: Term, count: number, x: string): string => {
  // Of different kinds in one row none is the same as another.
  return repeat(count, (i) => `${value(term, x, i)} i32.xor`)
}

class ShapeWriter {
  private readonly functions: string[] = []
  private readonly elements: string[] = []

  piece(piece: Piece, index: number): string {
    const x = 'local.get $x'
    switch (piece.kind) {
      case 'terms':
        return `local.get $x local.set $t ${terms(piece.term, piece.count, x)}`
      case 'loop': {
        const inner = piece.turns === 0 ? x : 'local.get $x local.get $i i32.add'
        const turns = piece.turns === 0 ? 'local.get $x i32.const 7 i32.and' : `i32.const ${piece.turns}`
        return `local.set $a i32.const 0 local.set $i
          loop local.get $a local.get $x local.set $t ${terms(piece.term, piece.count, inner)} local.set $a
          local.get $i i32.const 1 i32.add local.tee $i ${turns} i32.lt_u br_if 0 end local.get $a`
      }
      case 'callee':
        return this.callee(piece, index)
      case 'joins':
        return this.joins(piece)
      case 'arguments':
        this.once(`$sink${piece.count}`, () => {
          const sum = repeat(piece.count, (i) => `local.get ${i} i32.add`)
          return `(func $sink${piece.count} (param ${'i32 '.repeat(piece.count)}) (result i32) i32.const 0 ${sum} global.get $zero i32.add)`
        })
        return `local.get $x local.set $t ${repeat(piece.count, (i) => value(piece.term, x, i))} call $sink${piece.count} i32.xor`
      case 'operands':
        return `local.get $x local.set $t ${repeat(piece.count, (i) => value(piece.term, x, i))} ${'i32.xor '.repeat(piece.count)}`
    }
  }

  private once(name: string, text: () => string): void {
    if (!this.functions.some((known) => known.startsWith(`(func ${name} `))) this.functions.push(text())
  }

  private callee({ term, count, sites, depth, indirect }: Piece & { kind: 'callee' }, index: number): string {
    const name = (level: number): string => `$small${index}_${level}`
    for (let level = 0; level < depth; level++) {
      const next = level + 1 < depth ? `local.get $x i32.const 77 i32.add call ${name(level + 1)} i32.xor` : ''
      this.once(name(level), () => {
        const body = `local.get $x local.set $t i32.const 0 ${terms(term, count, 'local.get $x')} ${next}`
        return `(func ${name(level)} (param $x i32) (result i32) (local $t i32) (local $w i64) ${body})`
      })
    }
    if (!indirect) return repeat(sites, (i) => `local.get $x i32.const ${i * 257} i32.add call ${name(0)} i32.xor`)
    let element = this.elements.indexOf(name(0))
    if (element < 0) element = this.elements.push(name(0)) - 1
    return repeat(
      sites,
      (i) => `local.get $x i32.const ${i * 257} i32.add i32.const ${element + 1} call_indirect (type $unary) i32.xor`,
    )
  }

  private joins({ segments, count, calls }: Piece & { kind: 'joins' }): string {
    // Locals change places, so that what is joined with a value is not what it came from.
    const assign = (s: number): string =>
      repeat(count, (j) => `local.get $j${(j * 7 + s) % count} i32.const ${s * count + j} i32.xor local.set $j${j}`)
    const call = calls ? 'local.get $x call $opaque local.set $j0' : ''
    return `local.set $a ${repeat(segments, () => 'block')} local.get $x ${repeat(segments, (i) => `${i}`).length > 0 ? `br_table ${Array.from({ length: segments }, (_, i) => i).join(' ')} 0` : ''}
      ${repeat(segments, (s) => `end ${assign(s)} ${call}`)}
      local.get $a ${repeat(count, (j) => `local.get $j${j} i32.xor`)}`
  }

  text(shape: Shape): string {
    const { pieces, recursion, params, locals, results, again } = shape
    const joined = Math.max(0, ...pieces.map((piece) => (piece.kind === 'joins' ? piece.count : 0)))
    const first = pieces.map((piece, i) => this.piece(piece, i)).join('\n')
    const second = again ? first : ''
    const wide = `(param $x i32) ${params > 0 ? `(param ${'i64 '.repeat(params)})` : ''} (result i32 ${'i64 '.repeat(results)})`
    const declared = `(local $t i32) (local $w i64) (local $i i32) (local $a i32) (local $n i32)
      ${repeat(joined, (j) => `(local $j${j} i32)`)} ${repeat(locals, (j) => `(local $l${j} i32)`)}`
    const setLocals = repeat(locals, (j) => `local.get $x i32.const ${j + 5} i32.mul local.set $l${j}`)
    const useLocals = repeat(locals, (j) => `local.get $l${j} i32.xor`)
    const given = `local.get $x ${repeat(params, (p) => `local.get ${p + 1} i64.const ${p + 1} i64.add`)}`
    const dropped = repeat(results, () => 'local.set $w')
    const more = repeat(results, (r) => `local.get $w i64.const ${r} i64.add`)
    const goOn = 'global.get $depth global.get $limit i32.lt_u'
    const target: Readonly<Record<Shape['recursion'], string>> = {
      direct: 'call $f',
      loop: 'call $f',
      indirect: 'i32.const 0 call_indirect (type $f)',
      mutual: 'call $g',
      tail: 'call $g',
      inlined: 'call $g',
    }
    const recurse = `${goOn} if (param i32) (result i32) ${given} ${target[recursion]} ${dropped} i32.add end`
    const middle =
      recursion === 'loop'
        ? `local.set $a i32.const 0 local.set $n loop local.get $a ${first} ${recurse} ${second} local.set $a
           local.get $n i32.const 1 i32.add local.tee $n i32.const 2 i32.lt_u ${goOn} i32.and br_if 0 end local.get $a`
        : `${first} ${recurse} ${second}`
    const own = params > 0 ? repeat(params, (p) => `local.get ${p + 1}`) : ''
    const between =
      recursion === 'tail'
        ? `(func $g ${wide} local.get $x ${own} return_call $f)`
        : recursion === 'inlined'
          ? `(func $g ${wide} local.get $x ${own} call $f)`
          : `(func $g ${wide} (local $w i64) (local $r i32) local.get $x i32.const 1 i32.add ${own} call $f ${results > 0 ? '' : 'local.get $x i32.popcnt i32.xor'})`
    return `(module (memory 4) (type $unary (func (param i32) (result i32))) (type $f (func ${wide}))
      (global $depth (export "depth") (mut i32) (i32.const 0)) (global $limit (mut i32) (i32.const 0)) (global $zero (mut i32) (i32.const 0))
      (table funcref (elem $f ${this.elements.join(' ')}))
      (func $opaque (param i32) (result i32) local.get 0 i32.const 3 i32.and call $opaque2 i32.const 1 i32.add)
      (func $opaque2 (param i32) (result i32) local.get 0 if (result i32) local.get 0 i32.const 1 i32.sub call $opaque else i32.const 0 end)
      (func $f (type $f) ${wide} ${declared}
        global.get $depth i32.const 1 i32.add global.set $depth
        ${setLocals} i32.const 0 ${middle} ${useLocals} ${more})
      ${between} ${this.functions.join('\n')}
      (func (export "run") (param i32) (result i32) (local $w i64)
        (global.set $depth (i32.const 0)) (global.set $limit (local.get 0))
        i32.const 5 ${repeat(params, (p) => `i64.const ${p}`)} call $f ${dropped}))`
  }
}

export function shapeText(shape: Shape): string {
  return new ShapeWriter().text(shape)
}
