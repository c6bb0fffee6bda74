/**
 * Fuel by the way that led to it: a node for each function, host call or frame below the one that called it. What a
 * node holds is its own, so that the fuel of all nodes together is the fuel that was used.
 */

/** The room for nodes of all trees together; where it is used up, fuel stays with the caller, and nothing is lost. */
export class NodeRoom {
  left: number
  /** Whether a node was refused. */
  isFull = false

  constructor(most: number) {
    this.left = most
  }
}

export class ProfileNode<Label> {
  readonly label: Label
  readonly parent: ProfileNode<Label> | null
  /** Fuel, of its own. */
  self = 0
  /** How often it was called. */
  calls = 0
  readonly #room: NodeRoom
  readonly #children = new Map<number | string, ProfileNode<Label>>()
  /**
   * One below it was refused: all of its frame or contract, whose keys mean something else than those here, ends up here.
   */
  #keepsAll = false

  constructor(label: Label, parent: ProfileNode<Label> | null, room: NodeRoom) {
    this.label = label
    this.parent = parent
    this.#room = room
  }

  get children(): Iterable<ProfileNode<Label>> {
    return this.#children.values()
  }

  /**
   * The child of that key, which is made where there is none; this node itself where there is no room, and from then on for
   * every key.
   */
  child(key: number | string, label: () => Label): ProfileNode<Label> {
    if (this.#keepsAll) return this
    const known = this.#children.get(key)
    if (known !== undefined) return known
    if (this.#room.left === 0) {
      this.#room.isFull = true
      this.#keepsAll = true
      return this
    }
    this.#room.left--
    const made = new ProfileNode(label(), this, this.#room)
    this.#children.set(key, made)
    return made
  }

  /** The same for one more call of it, which a node that stands for itself is not. */
  called(key: number | string, label: () => Label): ProfileNode<Label> {
    const child = this.child(key, label)
    if (child !== this) child.calls++
    return child
  }
}
