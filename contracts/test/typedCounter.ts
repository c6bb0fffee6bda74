// biome-ignore-all format: as the build writes it, but for the bytecode, which is left out
// Made by the build; its next run writes over what is changed here.
const artifact = {
  "contractName": "Counter",
  "abi": [
    {
      "type": "constructor",
      "inputs": [
        {
          "name": "start",
          "type": "uint256",
          "internalType": "uint256"
        }
      ],
      "stateMutability": "nonpayable"
    },
    {
      "type": "error",
      "name": "TooMuch",
      "inputs": [
        {
          "name": "wanted",
          "type": "uint256",
          "internalType": "uint256"
        },
        {
          "name": "allowed",
          "type": "uint256",
          "internalType": "uint256"
        }
      ]
    },
    {
      "type": "event",
      "name": "Counted",
      "inputs": [
        {
          "name": "by",
          "type": "address",
          "internalType": "address",
          "indexed": true
        },
        {
          "name": "total",
          "type": "uint256",
          "internalType": "uint256",
          "indexed": false
        }
      ],
      "anonymous": false
    },
    {
      "type": "function",
      "name": "add",
      "inputs": [
        {
          "name": "n",
          "type": "uint256",
          "internalType": "uint256"
        }
      ],
      "outputs": [
        {
          "name": "",
          "type": "uint256",
          "internalType": "uint256"
        }
      ],
      "stateMutability": "nonpayable"
    },
    {
      "type": "function",
      "name": "never",
      "inputs": [],
      "outputs": [],
      "stateMutability": "nonpayable"
    },
    {
      "type": "function",
      "name": "pay",
      "inputs": [],
      "outputs": [],
      "stateMutability": "payable"
    },
    {
      "type": "function",
      "name": "since",
      "inputs": [],
      "outputs": [
        {
          "name": "",
          "type": "uint256",
          "internalType": "uint256"
        }
      ],
      "stateMutability": "view"
    },
    {
      "type": "function",
      "name": "total",
      "inputs": [],
      "outputs": [
        {
          "name": "",
          "type": "uint256",
          "internalType": "uint256"
        }
      ],
      "stateMutability": "view"
    }
  ],
  "bytecode": "0x"
} as const

export { artifact as Counter }
