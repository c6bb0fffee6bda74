/** The second parameter of eth_signTypedData_v4: an object, or its JSON as text, as wallets take it. */

import { asRecord, type Decoder, decoder, wrong } from '../decode/decoder.ts'
import { invalidParams, limitExceeded, PARSE_ERROR, RpcError } from '../errors.ts'
import { parseJson } from '../json.ts'
import type { RpcLimits } from '../limits.ts'
import { ANYTHING, listOf, mapOf, named, record, type Schema, TEXT } from '../schema/schema.ts'
import { DOMAIN_TYPE, type Member, type TypedData } from './typedData.ts'

/** Names of types and members, so that no two sets of types have one text. */
const NAME = /^[A-Za-z_$][\w$]*$/
const TYPE = /^[A-Za-z_$][\w$]*(\[\d{0,6}\])*$/

/** EIP-712, in the order in which they stand in the type of a domain whose type is not given. */
const DOMAIN_MEMBERS: readonly Member[] = [
  { name: 'name', type: 'string' },
  { name: 'version', type: 'string' },
  { name: 'chainId', type: 'uint256' },
  { name: 'verifyingContract', type: 'address' },
  { name: 'salt', type: 'bytes32' },
]

const EXPECTED = '{"types", "primaryType", "domain", "message"}'

const TYPED_DATA: Schema = named('Typed data', {
  ...record(
    { types: mapOf(listOf(record({ name: TEXT, type: TEXT }))), primaryType: TEXT },
    { domain: ANYTHING, message: ANYTHING },
  ),
  additionalProperties: true,
})

type Limits = Pick<RpcLimits, 'maxJsonDepth' | 'maxJsonItems' | 'maxTypedDataTypeLength'>

export function typedData(limits: Limits): Decoder<TypedData> {
  return decoder({ anyOf: [TYPED_DATA, TEXT] }, (given, at) => {
    const value = typeof given === 'string' ? parsed(given, at, limits) : given
    const fields = asRecord(value, at, EXPECTED)
    const { primaryType } = fields
    const domain = asRecord(fields['domain'] ?? {}, `${at}.domain`, 'EIP-712 domain')
    const types = typesOf(fields['types'], `${at}.types`, limits)
    if (!types.has(DOMAIN_TYPE)) types.set(DOMAIN_TYPE, domainType(domain, `${at}.domain`))
    if (typeof primaryType !== 'string' || !types.has(primaryType)) {
      throw wrong(`${at}.primaryType`, 'the name of one of types', primaryType)
    }
    return { types, primaryType, domain, message: asRecord(fields['message'] ?? {}, `${at}.message`, primaryType) }
  })
}

/** Text that is no JSON is a wrong parameter: the request around it is JSON. */
function parsed(text: string, at: string, limits: Limits): unknown {
  try {
    return parseJson(new TextEncoder().encode(text), limits).value
  } catch (error) {
    if (error instanceof RpcError && error.code === PARSE_ERROR) throw wrong(at, `JSON of ${EXPECTED}`, text)
    throw error
  }
}

function typesOf(value: unknown, at: string, { maxTypedDataTypeLength }: Limits): Map<string, readonly Member[]> {
  const types = new Map<string, readonly Member[]>()
  let length = 0
  const counted = (text: unknown, where: string, form: RegExp, expected: string): string => {
    if (typeof text !== 'string' || !form.test(text)) throw wrong(where, expected, text)
    length += text.length
    // Each type's hash is over the text of all it refers to.
    if (length > maxTypedDataTypeLength) {
      throw limitExceeded(`${at} has more than ${maxTypedDataTypeLength} characters (maxTypedDataTypeLength)`)
    }
    return text
  }
  for (const [type, members] of Object.entries(asRecord(value, at, 'type to its members'))) {
    const where = `${at}.${counted(type, `${at} key`, NAME, 'a name: letters, digits, _ and $')}`
    if (!Array.isArray(members)) throw wrong(where, 'an array of {"name", "type"}', members)
    types.set(
      type,
      members.map((member, index) => {
        const place = `${where}[${index}]`
        const { name, type: memberType } = asRecord(member, place, '{"name", "type"}')
        return {
          name: counted(name, `${place}.name`, NAME, 'a name: letters, digits, _ and $'),
          type: counted(memberType, `${place}.type`, TYPE, 'a type, such as uint256, Person or bytes32[]'),
        }
      }),
    )
  }
  return types
}

/** As ethers makes it, of the fields that are there. */
function domainType(domain: Readonly<Record<string, unknown>>, at: string): readonly Member[] {
  for (const name of Object.keys(domain)) {
    if (DOMAIN_MEMBERS.every((member) => member.name !== name)) {
      throw invalidParams(
        `${at} has ${JSON.stringify(name)}, which EIP-712 does not know; declare ${DOMAIN_TYPE} in types`,
      )
    }
  }
  return DOMAIN_MEMBERS.filter(({ name }) => Object.hasOwn(domain, name))
}
