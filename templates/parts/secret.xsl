<?xml version="1.0" encoding="UTF-8"?>
<!-- A secret's state and expiry in plain words. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="secret" mode="state"><span class="status {@state}"><xsl:apply-templates select="@state" mode="word"/></span><xsl:apply-templates select="@overdue[.='yes']" mode="state"/></xsl:template>
<xsl:template match="@overdue" mode="state"><xsl:text> </xsl:text><span class="status overdue">rotation overdue</span></xsl:template>
<xsl:template match="@state" mode="word"><xsl:value-of select="."/></xsl:template>
<xsl:template match="@state[.='soon']" mode="word">expires soon</xsl:template>

<xsl:template match="secret" mode="expiry"><span class="fine">never</span></xsl:template>
<xsl:template match="secret[@expires-at]" mode="expiry"><time datetime="{@expires-at}"><xsl:value-of select="@expires-at-text"/></time></xsl:template>
</xsl:stylesheet>
