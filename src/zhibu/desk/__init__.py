"""The signed-in screens that stand over several areas: 今日, 工作台, 总览, 存证.

Owns no records of its own.
"""
