import { GraphQLError, GraphQLScalarType, Kind, valueFromASTUntyped, type ValueNode } from 'graphql';

/** Any JSON, as it is; in a query's text, too. */
export const jsonScalar = new GraphQLScalarType({
  name: 'JSON',
  parseValue: (value) => value,
  parseLiteral(node: ValueNode, variables) {
    if (node.kind === Kind.ENUM) throw new GraphQLError('JSON has no bare names.', { nodes: node });
    return valueFromASTUntyped(node, variables);
  },
});
