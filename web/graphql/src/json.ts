import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { toNumber } from './exactJson.js';

/** Any JSON, as a variable or as a literal. Numbers keep all of their digits. */
export const jsonScalar = new GraphQLScalarType({
  name: 'JSON',
  parseValue: (value) => value,
  parseLiteral: fromLiteral,
});

function fromLiteral(node: ValueNode, variables?: Record<string, unknown> | null): unknown {
  switch (node.kind) {
    case Kind.INT:
    case Kind.FLOAT: return toNumber(node.value);
    case Kind.STRING:
    case Kind.BOOLEAN: return node.value;
    case Kind.NULL: return null;
    case Kind.LIST: return node.values.map((value) => fromLiteral(value, variables));
    case Kind.OBJECT: return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, fromLiteral(value, variables)]));
    case Kind.VARIABLE: return variables?.[node.name.value];
    case Kind.ENUM: throw new GraphQLError('JSON has no bare names.', { nodes: node });
  }
}
