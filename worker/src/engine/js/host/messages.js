// Classes for protobuf messages as protobufjs makes them: an unset field reads as its default through the prototype, a
// oneof reads as the name of its member that is set.
'use strict';
(function installMessages({ Long }) {
  const { freeze, defineProperty, hasOwn } = Object;
  const defaults = {
    null: null,
    zero: 0,
    false: false,
    string: '',
    array: freeze([]),
    object: freeze({}),
    bytes: new Uint8Array(0),
    long: freeze(Long.fromBits(0, 0, false)),
    ulong: freeze(Long.fromBits(0, 0, true)),
  };

  // Virtual property of a oneof. Reads the member that is set; messages from the wire have one at most.
  function oneofGetter(members) {
    return function () {
      for (const member of members) {
        if (hasOwn(this, member) && this[member] != null) return member;
      }
      return undefined;
    };
  }

  // name: full protobuf name; fields: [property, key of `defaults`, index into oneofs or -1][]; oneofs: property[].
  function makeClass(name, fields, oneofs) {
    const simpleName = name.slice(name.lastIndexOf('.') + 1);
    const constructor = { [simpleName]: function () {} }[simpleName];
    const members = oneofs.map(() => []);
    for (const [property, kind, oneof] of fields) {
      constructor.prototype[property] = defaults[kind];
      if (oneof >= 0) members[oneof].push(property);
    }
    for (let i = 0; i < oneofs.length; i++) {
      defineProperty(constructor.prototype, oneofs[i], {
        get: oneofGetter(members[i]),
        set() {},
        enumerable: true,
        configurable: true,
      });
    }
    freeze(constructor.prototype);
    return freeze(constructor);
  }

  const makeLong = (low, high, unsigned) => Long.fromBits(low, high, unsigned);
  return { makeClass, makeLong };
});
