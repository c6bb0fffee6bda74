/** `devnet accounts`: the development accounts with keys and balances. */
import { formatEther } from 'viem'
import { formatTable } from '../output/table.ts'
import { type CommandContext, connectFrom } from './context.ts'

export async function accountsCommand(context: CommandContext): Promise<void> {
  const { terminal } = context
  const connection = await connectFrom(context)
  const rows = await Promise.all(
    connection.accounts.map(async (account, index) => ({
      index,
      ...account,
      balance: await connection.client.getBalance({ address: account.address }),
      nonce: await connection.client.getTransactionCount({ address: account.address }),
    })),
  )
  if (terminal.json) return terminal.printJson(rows)
  terminal.printLines(
    formatTable(
      ['#', 'address', 'balance', 'nonce', 'private key'],
      rows.map((row) => [
        String(row.index),
        row.address,
        `${formatEther(row.balance)} ETH`,
        String(row.nonce),
        row.privateKey,
      ]),
    ),
  )
  terminal.note(terminal.noteColor.dim('These keys are public. Never send real funds to them.'))
}
